//! What many roles do to each other: nothing.

use portcullis_authz::{
    AskedPath, Bits, Decision, Holder, LoadedGrants, Place, Recorder, RoleIndex, SetOf, StatementGrants,
    union_of_permissions,
};
use portcullis_types::authress::PermissionObject;

use crate::engine::decider;
use crate::oracle;

fn line(action: &str) -> PermissionObject {
    PermissionObject { action: action.into(), allow: true, grant: false, delegate: false }
}

fn on_docs(roles: &[&str]) -> StatementGrants {
    StatementGrants {
        record_id: "rec".into(),
        statement: 0,
        resources: vec!["docs".into()],
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    }
}

/// Seven parts, each a name or a star: 128 actions that all cover the same permission.
#[test]
fn any_number_of_interior_stars_in_other_roles_takes_nothing_away() {
    let decider = decider(1 << 20);
    let pattern = |mask: usize| {
        let parts = (0..7).map(|bit| if mask & (1 << bit) == 0 { "*" } else { "a" });
        parts.chain(["a"]).collect::<Vec<_>>().join(":")
    };
    for mask in 0..128 {
        decider.roles().put(&format!("r{mask}"), &[line(&pattern(mask))]).unwrap();
    }
    let (same, longer, other, shorter) =
        (["a"; 8].join(":"), ["a"; 10].join(":"), ["b"; 8].join(":"), ["a"; 7].join(":"));
    let path = AskedPath::parse(decider.key(), "docs/1").unwrap();
    for mask in 0..128 {
        let user = format!("u{mask}");
        let holder = Holder::User(&user);
        decider.finish_load(decider.begin_load(holder), &[on_docs(&[&format!("r{mask}")])], &[]);
        let pattern = pattern(mask);
        for asked in [&same, &longer, &other, &shorter, &other.replacen('b', "a", 3)] {
            let allowed = decider.decide(holder, &path, asked, Bits::ALLOW) == Decision::Allow;
            assert_eq!(allowed, oracle::action_covers(&pattern, asked), "{pattern} and {asked}");
        }
        assert_eq!(decider.decide(holder, &path, &same, Bits::HAND_OUT_ALLOW), Decision::Deny, "{pattern}");
    }
}

#[test]
fn az_06_permissions_are_spelled_the_same_whichever_role_came_first() {
    let spelled = |roles: [(&str, &str); 2]| {
        let decider = decider(1 << 20);
        for (role, action) in roles {
            decider.roles().put(role, &[line(action)]).unwrap();
        }
        let own = decider.finish_load(None, &[on_docs(&["r1", "r2"])], &[]);
        let path = AskedPath::parse(decider.key(), "docs").unwrap();
        union_of_permissions(&decider, &LoadedGrants { own, groups: Vec::new() }, &path)
    };
    let first = spelled([("r1", "READ"), ("r2", "read")]);
    assert_eq!(first, spelled([("r2", "read"), ("r1", "READ")]));
    assert_eq!(first.len(), 1);
}

#[test]
fn a_role_that_is_removed_grants_nothing_until_it_is_made_again() {
    let decider = decider(1 << 20);
    let holder = Holder::User("alice");
    let path = AskedPath::parse(decider.key(), "docs").unwrap();
    let ask = || decider.decide(holder, &path, "read", Bits::ALLOW);
    // Unknown when the grants were loaded: they need not be loaded again.
    decider.finish_load(decider.begin_load(holder), &[on_docs(&["reader"])], &[]);
    assert_eq!(ask(), Decision::Deny);
    decider.roles().put("reader", &[line("read")]).unwrap();
    assert_eq!(ask(), Decision::Allow);
    assert!(decider.roles().put("reader", &[line("write"), line("a::b")]).is_err());
    assert_eq!(ask(), Decision::Allow, "a refused change changes nothing");
    decider.roles().remove("reader");
    assert_eq!(ask(), Decision::Deny);
    assert!(decider.roles().current().permissions_of("reader").is_none());
    decider.roles().put("reader", &[line("read")]).unwrap();
    assert_eq!(ask(), Decision::Allow);
}

#[test]
fn an_action_is_named_only_by_a_role_that_allows_exactly_it() {
    let decider = decider(1 << 20);
    let names = |action: &str| {
        let action = portcullis_domain::ActionPattern::parse("action", action).unwrap();
        decider.roles().current().names_action(decider.key(), &action)
    };
    decider.roles().put("wide", &[line("*"), line("*:read"), line("document")]).unwrap();
    let granting = PermissionObject { allow: false, grant: true, ..line("document:delete") };
    decider.roles().put("granting", &[granting]).unwrap();
    assert!(!names("document:read") && !names("document:delete") && !names("*"));
    decider.roles().put("reader", &[line("Document:Read")]).unwrap();
    assert!(names("document:read") && names("document"));
    decider.roles().remove("reader");
    assert!(!names("document:read"));
}

#[test]
fn whoever_watches_a_check_in_memory_sees_which_role_allowed_it() {
    struct Last(Option<(bool, RoleIndex)>);
    impl Recorder for Last {
        fn compared(&mut self, set: SetOf, _place: Place, role: RoleIndex, holds: bool) {
            if holds {
                self.0 = Some((set == SetOf::Own, role));
            }
        }
    }
    let decider = decider(1 << 20);
    decider.roles().put("reader", &[line("read")]).unwrap();
    let own = decider.begin_load(Holder::User("alice"));
    decider.finish_load(own, &[], &["g".to_owned()]);
    let group = decider.begin_load(Holder::Group("g"));
    decider.finish_load(group, &[on_docs(&["reader"])], &[]);
    let path = AskedPath::parse(decider.key(), "docs/1").unwrap();
    let mut last = Last(None);
    let decided = decider.decide_watched(Holder::User("alice"), &path, "read", Bits::ALLOW, &mut last);
    assert_eq!(decided, Decision::Allow);
    let (own, role) = last.0.unwrap();
    assert!(!own, "through the group");
    assert_eq!(decider.roles().current().id_of(role).map(|id| &**id), Some("reader"));
}
