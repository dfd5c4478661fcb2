//! AZ-10: nobody grants more than they hold: records and roles. The other ways are in [`crate::granting_otherwise`].

use portcullis::{Cx, Error, Portcullis, Result, record, role};
use serde_json::json;

use crate::bed::{Bed, on_both, user};
use crate::make::{body, give, record as record_body, role as make_role, role_body, statement, users};

on_both!(
    az_10_a_record_gives_only_what_its_creator_may_hand_out,
    az_10_wildcards_and_reserved_trees_are_no_way_around,
    az_10_the_hierarchy_of_permissions_counts_when_handing_out,
    az_10_grant_hands_out_allow_and_only_delegate_hands_out_more,
    az_10_roles_that_give_nothing_yet_are_handed_out_by_owners_only,
    az_10_an_update_of_a_record_adds_only_what_its_editor_may_hand_out,
    az_10_a_new_admin_of_a_record_counts_as_all_that_it_grants,
    az_10_a_role_that_records_name_is_created_by_those_who_could_hand_it_out,
    az_10_what_another_node_just_made_of_a_role_counts_when_it_is_handed_out,
    az_10_a_role_gains_only_what_its_editor_could_hand_out_where_it_is_used,
);

pub(crate) fn is_forbidden<T: std::fmt::Debug>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Forbidden { .. }))
}

async fn tries(node: &Portcullis, cx: &Cx, id: &str, role: &str, uri: &str) -> bool {
    let made = record::create(node, cx, record_body(id, "friend", &[role], &[uri])).await;
    assert!(made.is_ok() || is_forbidden(&made), "{made:?}");
    made.is_ok()
}

/// Roles `read` (allow), `granter` (grant of read), `delegator` (delegate of read), and `ann` who holds `role` on `uri`.
pub(crate) async fn ann(bed: &Bed, role: &str, uri: &str) -> Cx {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "read", &[("read", "a")]).await;
    make_role(node, owner, "granter", &[("read", "g")]).await;
    make_role(node, owner, "delegator", &[("read", "d")]).await;
    make_role(node, owner, "star-granter", &[("*", "g")]).await;
    give(node, owner, "rec_ann", "ann", (&[role], &[uri])).await;
    user("ann")
}

async fn az_10_a_record_gives_only_what_its_creator_may_hand_out(bed: Bed) {
    let ann = ann(&bed, "granter", "docs/1").await;
    let node = &bed.portcullis;
    assert!(!tries(node, &user("bob"), "r0", "read", "docs/1").await, "bob holds nothing");
    assert!(tries(node, &ann, "r1", "read", "docs/1").await, "read, on the very resource");
    assert!(tries(node, &ann, "r2", "read", "/docs/1/x/").await, "and below it");
    for uri in ["docs", "docs/2", "docs/*", "*", "/", "docs/1:*", "*/1"] {
        assert!(!tries(node, &ann, "r3", "read", uri).await, "not on {uri}");
    }
    assert!(!bed.may("ann", "read", "docs/1").await, "grant alone does not allow");
    // A refused record leaves nothing behind: its id is free.
    assert!(tries(node, &bed.owner, "r3", "read", "docs").await);
    // One statement beyond one's rights refuses the whole record.
    let two = body(json!({"recordId": "r4", "name": "n", "users": users(&["friend"]), "statements": [
        statement(&["read"], &["docs/1"]), statement(&["read"], &["docs/1", "docs/2"])]}));
    assert!(is_forbidden(&record::create(node, &ann, two).await));
}

async fn az_10_wildcards_and_reserved_trees_are_no_way_around(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "read", &[("read", "a")]).await;
    make_role(node, owner, "granter", &[("read", "g")]).await;
    let cases: [(&str, &[&str], &[&str]); 6] = [
        (
            "*",
            &["*", "/", "a", "a/*", "*/*", "*:*", "*/x"],
            &["Authress:*", "Authress:Roles", "Portcullis:*", "Authress:*/x"],
        ),
        ("a/*", &["a/b", "a/*", "a/b/c", "a/*/*", "a/*/c"], &["a", "/a/", "*", "*/b", "b/*", "ab", "ab/c"]),
        ("a/*/*", &["a/b/c", "a/*/*", "a/*/c"], &["a/*", "a/b", "a"]),
        ("a/*/c", &["a/b/c", "a/*/c", "a/b/c/d", "a/*/c/*"], &["a/*", "a/b", "a/b/*", "a/*/*"]),
        ("ns:*", &["ns:a", "ns:*", "ns:a/b", "ns:*/b"], &["ns", "ns:a:b", "*", "*:a", "ns:*:*"]),
        (
            "Authress:*",
            &["Authress:Roles", "Authress:*", "Authress:Roles/r"],
            &["Portcullis:*", "*", "a", "*:*", "Authress:a:b"],
        ),
    ];
    for (index, (held, may, may_not)) in cases.into_iter().enumerate() {
        let name = format!("granter-{index}");
        give(node, owner, &name, &name, (&["granter"], &[held])).await;
        for (uri, expected) in may.iter().map(|uri| (uri, true)).chain(may_not.iter().map(|uri| (uri, false)))
        {
            let made = record::create(
                node,
                &user(&name),
                body(json!({"name": "n", "users": users(&["x"]),
                "statements": [statement(&["read"], &[uri])]})),
            )
            .await;
            assert_eq!(made.is_ok(), expected, "who may hand out {held}, on {uri}: {made:?}");
        }
    }
}

async fn az_10_the_hierarchy_of_permissions_counts_when_handing_out(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let cases: [(&str, &[&str], &[&str]); 4] = [
        ("x:*", &["x", "x:*", "x:a", "X:A:b"], &["*", "y", "xx", "*:a"]),
        ("x:a", &["x:a", "x:a:*", "x:a:b"], &["x", "x:*", "*", "x:b", "*:a"]),
        ("*:a", &["x:a", "*:a", "y:a:b"], &["*", "x", "x:b", "x:*", "a"]),
        ("*", &["*", "x", "*:a"], &[]),
    ];
    for (index, (held, may, may_not)) in cases.into_iter().enumerate() {
        let (name, granter) = (format!("ann-{index}"), format!("granter-{index}"));
        make_role(node, owner, &granter, &[(held, "g")]).await;
        give(node, owner, &name, &name, (&[&granter], &["docs"])).await;
        let asked = may.iter().map(|uri| (uri, true)).chain(may_not.iter().map(|uri| (uri, false)));
        for (number, (action, expected)) in asked.enumerate() {
            let given = format!("given-{index}-{number}");
            make_role(node, owner, &given, &[(action, "a")]).await;
            let made = tries(node, &user(&name), &format!("{name}-{number}"), &given, "docs").await;
            assert_eq!(made, expected, "grant of {held}, handing out {action}");
        }
    }
}

async fn az_10_grant_hands_out_allow_and_only_delegate_hands_out_more(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "allowed", &[("read", "a")]).await;
    make_role(node, owner, "both", &[("read", "ag")]).await;
    for (index, (held, allow, grant, delegate)) in [
        ("a", false, false, false),
        ("g", true, false, false),
        ("ag", true, false, false),
        ("d", true, true, true),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("holder-{index}");
        make_role(node, owner, &name, &[("read", held)]).await;
        give(node, owner, &name, &name, (&[&name], &["docs"])).await;
        for (bits, expected) in [("a", allow), ("g", grant), ("d", delegate), ("agd", delegate)] {
            let given = format!("given-{index}-{bits}");
            make_role(node, owner, &given, &[("read", bits)]).await;
            assert_eq!(
                tries(node, &user(&name), &given, &given, "docs").await,
                expected,
                "{held} hands out {bits}"
            );
        }
    }
    // And what was delegated may be handed on, no further.
    make_role(node, owner, "delegator", &[("read", "d")]).await;
    give(node, owner, "first", "first", (&["delegator"], &["docs"])).await;
    let onward = record_body("second", "second", &["delegator"], &["docs/1"]);
    record::create(node, &user("first"), onward).await.unwrap();
    assert!(tries(node, &user("second"), "third", "delegator", "docs/1").await);
    assert!(!tries(node, &user("second"), "fourth", "delegator", "docs/2").await);
}

/// An unknown role, or one that holds nothing, could become anything.
async fn az_10_roles_that_give_nothing_yet_are_handed_out_by_owners_only(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let ann = ann(&bed, "star-granter", "docs").await;
    make_role(node, owner, "empty", &[]).await;
    make_role(node, owner, "bitless", &[("read", "")]).await;
    give(node, owner, "rec_olga", "olga", (&["Authress:Owner"], &["docs"])).await;
    for (index, role) in ["nobody-made-it", "empty", "bitless"].into_iter().enumerate() {
        assert!(
            !tries(node, &user("bob"), &format!("b{index}"), role, "docs").await,
            "{role}: holds nothing"
        );
        assert!(!tries(node, &ann, &format!("a{index}"), role, "docs").await, "{role}: grant is not enough");
        assert!(
            tries(node, &user("olga"), &format!("o{index}"), role, "docs/1").await,
            "{role}: owns the place"
        );
        assert!(
            !tries(node, &user("olga"), &format!("p{index}"), role, "*").await,
            "{role}: owns it not everywhere"
        );
    }
}

async fn az_10_an_update_of_a_record_adds_only_what_its_editor_may_hand_out(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "read", &[("read", "a")]).await;
    make_role(node, owner, "write", &[("write", "a")]).await;
    // eve is the record's admin, uma may UPDATE it; neither could hand out anything.
    let made = json!({"recordId": "rec", "name": "n", "users": users(&["alice", "bob"]), "admins": users(&["eve"]),
        "statements": [statement(&["read"], &["docs/1", "docs/2"])]});
    record::create(node, owner, body(made.clone())).await.unwrap();
    make_role(node, owner, "updater", &[("UPDATE", "a")]).await;
    give(node, owner, "rec_uma", "uma", (&["updater"], &["Authress:AccessRecords/rec"])).await;
    let with = |part: &str, value: serde_json::Value| {
        let mut changed = made.clone();
        changed[part] = value;
        changed
    };
    let more = [
        ("a user", with("users", users(&["alice", "bob", "eve"]))),
        ("a group", with("groups", json!([{"groupId": "grp_x"}]))),
        ("a resource", with("statements", json!([statement(&["read"], &["docs/1", "docs/2", "docs/3"])]))),
        ("a parent", with("statements", json!([statement(&["read"], &["docs"])]))),
        ("a role", with("statements", json!([statement(&["read", "write"], &["docs/1", "docs/2"])]))),
        ("an unknown role", with("statements", json!([statement(&["read", "ghost"], &["docs/1"])]))),
        (
            "a statement",
            with(
                "statements",
                json!([statement(&["read"], &["docs/1"]), statement(&["write"], &["docs/1"])]),
            ),
        ),
        (
            "a statement's user",
            with(
                "statements",
                json!([{"roles": ["read"], "resources": [{"resourceUri": "docs/1"}], "users": users(&["eve"])}]),
            ),
        ),
    ];
    let less = [
        ("fewer users", with("users", users(&["alice"]))),
        ("fewer resources", with("statements", json!([statement(&["read"], &["/docs/2/"])]))),
        ("another name", with("name", json!("other"))),
    ];
    for editor in ["eve", "uma"] {
        for (what, changed) in &more {
            let done = record::update(node, &user(editor), "rec", body(changed.clone()), None).await;
            assert!(is_forbidden(&done), "{editor} adds {what}: {done:?}");
        }
        for (what, changed) in &less {
            let done = record::update(node, &user(editor), "rec", body(changed.clone()), None).await;
            assert!(done.is_ok(), "{editor}: {what}: {done:?}");
            record::update(node, owner, "rec", body(made.clone()), None).await.unwrap();
        }
    }
    assert!(!bed.may("eve", "read", "docs/1").await);
}

async fn az_10_a_new_admin_of_a_record_counts_as_all_that_it_grants(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "read", &[("read", "a")]).await;
    make_role(node, owner, "updater", &[("UPDATE", "a")]).await;
    give(node, owner, "rec", "alice", (&["read"], &["docs"])).await;
    give(node, owner, "rec_uma", "uma", (&["updater"], &["Authress:AccessRecords/rec"])).await;
    let with_admin = |admin: &str| {
        body(json!({"name": "n", "users": users(&["alice"]), "admins": users(&[admin]),
            "statements": [statement(&["read"], &["docs"])]}))
    };
    assert!(is_forbidden(&record::update(node, &user("uma"), "rec", with_admin("uma"), None).await));
    record::update(node, owner, "rec", with_admin("uma"), None).await.unwrap();
}

async fn az_10_a_role_that_records_name_is_created_by_those_who_could_hand_it_out(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "creator", &[("CREATE", "a")]).await;
    make_role(node, owner, "granter", &[("read", "g")]).await;
    give(node, owner, "rec_carl", "carl", (&["creator"], &["Authress:Roles"])).await;
    give(node, owner, "rec_carl2", "carl", (&["granter"], &["docs"])).await;
    give(node, owner, "rec_later", "carl", (&["later"], &["docs", "plans"])).await;
    let carl = user("carl");
    for lines in [[("write", "a")], [("read", "a")], [("*", "agd")]] {
        let made = role::create(node, &carl, role_body("later", &lines)).await;
        assert!(is_forbidden(&made), "{lines:?}: {made:?}");
    }
    assert!(role::create(node, &carl, role_body("unused", &[("*", "agd")])).await.is_ok(), "nobody names it");
    record::update(node, owner, "rec_later", record_body("rec_later", "carl", &["later"], &["docs"]), None)
        .await
        .unwrap();
    role::create(node, &carl, role_body("later", &[("read", "a")])).await.unwrap();
    assert!(bed.may("carl", "read", "docs/1").await && !bed.may("carl", "write", "docs/1").await);
}

async fn az_10_a_role_gains_only_what_its_editor_could_hand_out_where_it_is_used(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "updater", &[("UPDATE", "a")]).await;
    make_role(node, owner, "granter", &[("docs:read", "g")]).await;
    make_role(node, owner, "used", &[("docs:list", "a"), ("plans", "ag")]).await;
    give(node, owner, "rec_uma", "uma", (&["updater"], &["Authress:Roles/used"])).await;
    give(node, owner, "rec_uma2", "uma", (&["granter"], &["docs"])).await;
    give(node, owner, "rec_used", "uma", (&["used"], &["docs/1"])).await;
    let uma = user("uma");
    for lines in [
        vec![("docs:list", "a"), ("docs:write", "a")],
        vec![("docs", "a")],
        vec![("docs:*", "a")],
        vec![("*", "a")],
        vec![("docs:list", "ag")],
        vec![("docs:list", "d")],
        vec![("docs:read", "ag")],
    ] {
        let done = role::update(node, &uma, "used", role_body("used", &lines)).await;
        assert!(is_forbidden(&done), "{lines:?}: {done:?}");
    }
    for lines in [
        vec![("docs:list", "a"), ("docs:read", "a"), ("plans", "ag")],
        vec![("docs:read", "a"), ("plans:x", "g")],
        vec![],
    ] {
        role::update(node, &uma, "used", role_body("used", &lines)).await.unwrap();
    }
    // Used elsewhere too, the same addition is refused.
    give(node, owner, "rec_else", "bob", (&["used"], &["plans"])).await;
    assert!(is_forbidden(&role::update(node, &uma, "used", role_body("used", &[("docs:read", "a")])).await));
}

/// Another node's memory may be a second old; what is handed out is what the role holds now.
async fn az_10_what_another_node_just_made_of_a_role_counts_when_it_is_handed_out(bed: Bed) {
    let ann = ann(&bed, "granter", "docs").await;
    let (here, there, owner) = (&bed.portcullis, &bed.node("b").await, &bed.owner);
    for round in 0..5 {
        let id = format!("changing-{round}");
        make_role(here, owner, &id, &[("read", "a")]).await;
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        assert!(tries(there, &ann, &format!("before-{round}"), &id, "docs/1").await);
        record::delete(here, owner, &format!("before-{round}")).await.unwrap();
        role::update(here, owner, &id, role_body(&id, &[("read", "a"), ("write", "a")])).await.unwrap();
        assert!(!tries(there, &ann, &format!("after-{round}"), &id, "docs/1").await, "round {round}");
    }
}
