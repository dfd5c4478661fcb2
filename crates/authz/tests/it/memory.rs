//! A warm check allocates nothing: not on a hit, not on a miss, not with groups, not with wildcards.

use portcullis_authz::{AskedPath, Bits, Decider, Decision, Holder, StatementGrants, check_action};
use portcullis_types::authress::PermissionObject;

use crate::engine::decider;

const DEEPEST: &str = "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p";

fn grants(resources: &[&str], roles: &[&str]) -> StatementGrants {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    StatementGrants {
        record_id: "rec".into(),
        statement: 0,
        resources: owned(resources),
        roles: owned(roles),
    }
}

fn load(decider: &Decider, holder: Holder<'_>, statements: &[StatementGrants], groups: &[&str]) {
    let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    decider.finish_load(decider.begin_load(holder), statements, &groups);
}

/// A user with everything that a set can have: several roles, wildcards in several places, groups, something public.
fn warm() -> Decider {
    let decider = decider(1 << 22);
    let line =
        |action: &str| PermissionObject { action: action.into(), allow: true, grant: false, delegate: false };
    for (role, actions) in
        [("reader", vec!["doc:read"]), ("pattern", vec!["a:*:c", "*:z"]), ("owner", vec!["*"])]
    {
        let lines: Vec<_> = actions.into_iter().map(line).collect();
        decider.roles().put(role, &lines).unwrap();
    }
    let own = [
        grants(&["docs", "docs/1", "a/*/c", "ns:*/r", "*/last", "deep/*/*"], &["reader"]),
        grants(&["docs", "shapes/*/x/ns:*:b/y"], &["reader", "pattern"]),
    ];
    load(&decider, Holder::User("alice"), &own, &["grp_1", "grp_2"]);
    load(&decider, Holder::Group("grp_1"), &[grants(&["team/*"], &["reader", "unknown"])], &[]);
    load(&decider, Holder::Group("grp_2"), &[grants(&["Authress:*", "a"], &["owner", "reader"])], &[]);
    decider.set_public(&["open".into(), "public/*/x".into()]);
    decider
}

#[test]
fn a_warm_check_allocates_nothing() {
    let decider = warm();
    let questions = [
        ("alice", "docs/7/x", "doc:read", Decision::Allow),
        ("alice", "/docs/1/", "DOC:Read", Decision::Allow),
        ("alice", "docs/1", "doc:write", Decision::Deny),
        ("alice", "docs", "a:b:c:d", Decision::Allow),
        ("alice", "shapes/1/x/ns:a:b/y/below", "q:z", Decision::Allow),
        ("alice", "shapes/1/x/ns:a:c/y/below", "q:z", Decision::Deny),
        ("alice", "any/last", "doc:read", Decision::Allow),
        ("alice", "team/1", "doc:read", Decision::Allow),
        ("alice", "team", "doc:read", Decision::Deny),
        ("alice", "Authress:Roles/r", "anything", Decision::Allow),
        ("alice", "open/1", "anything", Decision::Allow),
        ("alice", "public/1/x", "*", Decision::Allow),
        ("alice", DEEPEST, "a:b:c:d:e:f:g:h:i:j:k:l:m:n:o:p:q:r:s:t:u:v:w:x:y:z", Decision::Allow),
        ("alice", "nowhere/at/all", "doc:read", Decision::Deny),
        ("bob", "docs/1", "doc:read", Decision::NotLoaded),
    ];
    let ask = |(user, resource, permission, expected): (&str, &str, &str, Decision)| {
        let path = AskedPath::parse(decider.key(), resource).unwrap();
        assert!(check_action(permission).is_ok());
        let decided = decider.decide(Holder::User(user), &path, permission, Bits::ALLOW);
        assert_eq!(decided, expected, "{user} {permission} {resource}");
    };
    // What a thread makes at its first check, it makes once.
    questions.into_iter().for_each(ask);
    for question in questions {
        let counted = allocation_counter::measure(|| ask(question));
        assert_eq!(counted.count_total, 0, "{question:?}");
    }
}

#[test]
fn the_counter_of_the_test_above_counts() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![1u8])));
    assert_eq!(counted.count_total, 1);
}

#[test]
fn refusing_a_malformed_resource_allocates_nothing() {
    let decider = warm();
    for uri in ["", "//", "a//b", "a%2Fb", "a b"] {
        let counted = allocation_counter::measure(|| assert!(AskedPath::parse(decider.key(), uri).is_err()));
        assert_eq!(counted.count_total, 0, "{uri}");
    }
}
