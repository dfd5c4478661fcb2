//! AZ-10: nobody grants more than they hold, on any of the ways by which something is handed out.

use portcullis::{
    Cx, Error, Portcullis, Result, client, group, invite, record, request, resource, role, token,
};
use portcullis_types::Caller;
use portcullis_types::authress::{ClientOptions, RequestDecision, Resource};
use serde_json::json;

use crate::bed::{Bed, client as plain_client, cx, on_both, user};
use crate::make::{
    body, config_body, give, group as make_group, group_body, group_record, line, record as record_body,
    role as make_role, role_body, statement, users,
};

on_both!(
    az_10_a_record_gives_only_what_its_creator_may_hand_out,
    az_10_wildcards_and_reserved_trees_are_no_way_around,
    az_10_the_hierarchy_of_permissions_counts_when_handing_out,
    az_10_grant_hands_out_allow_and_only_delegate_hands_out_more,
    az_10_roles_that_give_nothing_yet_are_handed_out_by_owners_only,
    az_10_an_update_of_a_record_adds_only_what_its_editor_may_hand_out,
    az_10_a_new_admin_of_a_record_counts_as_all_that_it_grants,
    az_10_a_role_that_records_name_is_created_by_those_who_could_hand_it_out,
    az_10_a_role_gains_only_what_its_editor_could_hand_out_where_it_is_used,
    az_10_a_group_that_records_name_is_created_by_those_who_could_hand_it_out,
    az_10_an_editor_of_a_group_adds_members_or_admins_only_with_the_right_to_hand_out,
    az_10_resources_are_opened_by_those_who_could_hand_them_out,
    az_10_client_options_are_given_by_those_who_have_them,
    az_10_an_invite_gives_what_the_inviter_may_hand_out_when_it_is_accepted,
    az_10_an_approval_takes_the_right_to_hand_out,
    az_10_a_token_for_a_user_is_no_way_to_become_a_service_client,
    az_10_names_of_local_commands_are_nobody_else_s,
);

fn is_forbidden<T: std::fmt::Debug>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::Forbidden { .. }))
}

async fn tries(node: &Portcullis, cx: &Cx, id: &str, role: &str, uri: &str) -> bool {
    let made = record::create(node, cx, record_body(id, "friend", &[role], &[uri])).await;
    assert!(made.is_ok() || is_forbidden(&made), "{made:?}");
    made.is_ok()
}

/// Roles `read` (allow), `granter` (grant of read), `delegator` (delegate of read), and `ann` who holds `role` on `uri`.
async fn ann(bed: &Bed, role: &str, uri: &str) -> Cx {
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

async fn az_10_a_group_that_records_name_is_created_by_those_who_could_hand_it_out(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "creator", &[("CREATE", "a")]).await;
    make_role(node, owner, "read", &[("read", "a")]).await;
    make_role(node, owner, "granter", &[("read", "g")]).await;
    record::create(node, owner, group_record("rec_g", "grp_later", &["read"], &["docs"])).await.unwrap();
    give(node, owner, "rec_carl", "carl", (&["creator"], &["Authress:Groups"])).await;
    let carl = user("carl");
    let made = group::create(node, &carl, group_body("grp_later", &["carl"])).await;
    assert!(is_forbidden(&made), "{made:?}");
    assert!(!bed.may("carl", "read", "docs").await);
    group::create(node, &carl, group_body("grp_free", &["carl"])).await.unwrap();
    give(node, owner, "rec_carl2", "carl", (&["granter"], &["docs"])).await;
    group::create(node, &carl, group_body("grp_later", &["carl"])).await.unwrap();
    assert!(bed.may("carl", "read", "docs/1").await);
}

async fn az_10_an_editor_of_a_group_adds_members_or_admins_only_with_the_right_to_hand_out(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "updater", &[("UPDATE", "a")]).await;
    make_role(node, owner, "read", &[("read", "a")]).await;
    make_role(node, owner, "granter", &[("read", "g")]).await;
    let of = |members: &[&str], admins: &[&str]| {
        body(json!({"name": "n", "users": users(members), "admins": users(admins)}))
    };
    group::create(
        node,
        owner,
        body(json!({"groupId": "grp_x", "name": "n", "users": users(&["bob"]), "admins": users(&["adam"])})),
    )
    .await
    .unwrap();
    record::create(node, owner, group_record("rec_g", "grp_x", &["read"], &["docs"])).await.unwrap();
    give(node, owner, "rec_uma", "uma", (&["updater"], &["Authress:Groups/grp_x"])).await;
    let uma = user("uma");
    let update = async |cx: &Cx, new| group::update(node, cx, "grp_x", new, None).await;
    assert!(is_forbidden(&update(&uma, of(&["bob", "uma"], &["adam"])).await), "a member");
    // Whoever becomes an admin could add members in the next step.
    assert!(is_forbidden(&update(&uma, of(&["bob"], &["adam", "uma"])).await), "an admin");
    assert!(!bed.may("uma", "read", "docs").await);
    update(&uma, of(&[], &["adam"])).await.unwrap();
    update(&user("adam"), of(&["bob", "carl"], &["adam"])).await.unwrap();
    assert!(bed.may("carl", "read", "docs").await, "an admin of the group chooses its members");
    give(node, owner, "rec_uma2", "uma", (&["granter"], &["docs"])).await;
    update(&uma, of(&["bob", "uma"], &["adam"])).await.unwrap();
}

async fn az_10_resources_are_opened_by_those_who_could_hand_them_out(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "star-granter", &[("*", "g")]).await;
    make_role(node, owner, "read-granter", &[("read", "g")]).await;
    give(node, owner, "rec_c", "carl", (&["star-granter"], &["Authress:ResourcePermissions"])).await;
    let carl = user("carl");
    let open =
        async |uri: &str, action: &str| resource::update(node, &carl, uri, config_body(action, true)).await;
    for uri in ["docs", "*", "/", "Authress:Roles"] {
        for action in ["PUBLIC", "CLAIM"] {
            assert!(is_forbidden(&open(uri, action).await), "{action} on {uri}");
        }
        assert!(
            resource::update(node, &carl, uri, config_body("PUBLIC", false)).await.is_ok(),
            "closing {uri}"
        );
    }
    give(node, owner, "rec_c2", "carl", (&["read-granter"], &["docs"])).await;
    assert!(is_forbidden(&open("docs", "PUBLIC").await), "grant of one action is not grant of all");
    give(node, owner, "rec_c3", "carl", (&["star-granter"], &["docs"])).await;
    assert!(open("docs", "PUBLIC").await.is_ok() && open("docs/1", "PUBLIC").await.is_ok());
    assert!(is_forbidden(&open("docs", "CLAIM").await), "claims make owners: that takes delegate");
    give(node, owner, "rec_c4", "carl", (&["Authress:Owner"], &["docs/*"])).await;
    assert!(open("docs", "CLAIM").await.is_ok());
}

async fn az_10_client_options_are_given_by_those_who_have_them(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "manager", &[("CREATE", "a"), ("UPDATE", "a"), ("READ", "a")]).await;
    give(node, owner, "rec_m", "mia", (&["manager"], &["Authress:ServiceClients"])).await;
    give(node, owner, "rec_c", "sc_m", (&["manager"], &["Authress:ServiceClients"])).await;
    let options = |access: bool, tokens: bool| {
        body(json!({"options": {"grantUserPermissionsAccess": access, "grantTokenGeneration": tokens}}))
    };
    let made = client::create(node, &user("mia"), options(false, false)).await.unwrap();
    let id = made.client_id.as_str();
    for cx in [user("mia"), plain_client("sc_m")] {
        for wanted in [(true, false), (false, true)] {
            assert!(is_forbidden(&client::create(node, &cx, options(wanted.0, wanted.1)).await));
            assert!(is_forbidden(&client::update(node, &cx, id, options(wanted.0, wanted.1)).await));
        }
    }
    let with = Caller::Client {
        client_id: "sc_m".into(),
        key_id: "k".into(),
        options: ClientOptions { grant_user_permissions_access: true, grant_token_generation: false },
    };
    assert!(client::update(node, &cx(with.clone()), id, options(true, false)).await.is_ok(), "has it");
    assert!(is_forbidden(&client::update(node, &cx(with), id, options(true, true)).await));
    // What is there already stays, also when somebody without it edits the rest.
    assert!(client::update(node, &user("mia"), id, options(true, false)).await.is_ok());
    give(node, owner, "rec_m2", "mia", (&["manager"], &["Authress:UserPermissions", "Authress:UserTokens"]))
        .await;
    assert!(
        client::update(node, &user("mia"), id, options(true, true)).await.is_ok(),
        "holds what they stand for"
    );
}

async fn az_10_an_invite_gives_what_the_inviter_may_hand_out_when_it_is_accepted(bed: Bed) {
    let ann = ann(&bed, "granter", "docs").await;
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let to = |role: &str, uri: &str| body(json!({"statements": [statement(&[role], &[uri])]}));
    for (role, uri) in [("read", "*"), ("granter", "docs"), ("ghost", "docs")] {
        assert!(is_forbidden(&invite::create(node, &ann, to(role, uri)).await), "{role} on {uri}");
    }
    let first = invite::create(node, &ann, to("read", "docs")).await.unwrap();
    let second = invite::create(node, &ann, to("read", "docs")).await.unwrap();
    invite::respond(node, &user("guest"), &first.invite_id).await.unwrap();
    assert!(bed.may("guest", "read", "docs/1").await);
    record::delete(node, owner, "rec_ann").await.unwrap();
    let late = invite::respond(node, &user("late"), &second.invite_id).await;
    assert!(is_forbidden(&late), "{late:?}");
    assert!(!bed.may("late", "read", "docs/1").await);
    // A refused acceptance does not use it up.
    give(node, owner, "rec_ann", "ann", (&["granter"], &["docs"])).await;
    invite::respond(node, &user("late"), &second.invite_id).await.unwrap();
    assert!(bed.may("late", "read", "docs/1").await);
}

async fn az_10_an_approval_takes_the_right_to_hand_out(bed: Bed) {
    let ann = ann(&bed, "granter", "docs").await;
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "manager", &[("READ", "a"), ("UPDATE", "a")]).await;
    give(node, owner, "rec_m", "mia", (&["manager"], &["Authress:AccessRequests"])).await;
    make_role(node, owner, "empty", &[]).await;
    let ask = async |role: &str, uri: &str| {
        let asked =
            body(json!({"access": {"users": users(&["bob"]), "statements": [statement(&[role], &[uri])]}}));
        request::create(node, &user("bob"), asked).await.unwrap().request_id
    };
    let answer = async |cx: &Cx, id: &str, status| {
        request::respond(node, cx, id, portcullis_types::authress::AccessRequestResponse { status }).await
    };
    let docs = ask("read", "docs").await;
    for cx in [user("bob"), user("mia")] {
        assert!(
            is_forbidden(&answer(&cx, &docs, RequestDecision::Approved).await),
            "{cx:?} knows it, no more"
        );
    }
    for role in ["read", "empty", "ghost"] {
        let id = ask(role, "docs").await;
        for decision in [RequestDecision::Approved, RequestDecision::Denied] {
            let answered = answer(&user("eve"), &id, decision).await;
            assert!(matches!(answered, Err(Error::NotFound(_))), "{role}: {answered:?}");
        }
    }
    assert!(matches!(
        answer(&ann, &ask("read", "plans").await, RequestDecision::Approved).await,
        Err(Error::NotFound(_))
    ));
    answer(&ann, &docs, RequestDecision::Approved).await.unwrap();
    assert!(bed.may("bob", "read", "docs/1").await);
    let other = ask("read", "plans").await;
    assert_eq!(
        answer(&user("mia"), &other, RequestDecision::Denied).await.unwrap().status,
        Some(portcullis_types::authress::RequestStatus::Denied)
    );
}

/// Who may mint users' tokens does not thereby own the installation: a service client has keys of its own.
async fn az_10_a_token_for_a_user_is_no_way_to_become_a_service_client(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "minter", &[("CREATE", "a")]).await;
    give(node, owner, "rec_t", "tom", (&["minter"], &["Authress:UserTokens"])).await;
    let id = bed.key.client_id();
    let minted = token::mint(node, &user("tom"), id, 60).await;
    assert!(matches!(minted, Err(Error::Invalid(_))), "{minted:?}");
    let wanted = body(json!({"statements": [statement(&["Authress:Owner"], &["*"])]}));
    let created = token::create(node, &user("tom"), id, wanted).await;
    assert!(matches!(created, Err(Error::Invalid(_))), "{created:?}");
    assert!(token::mint(node, &user("tom"), "alice", 60).await.is_ok());
}

/// A local command acts under `cli:<user>`, and holds everything.
async fn az_10_names_of_local_commands_are_nobody_else_s(bed: Bed) {
    let node = &bed.portcullis;
    let minted = token::mint(node, &bed.owner, "cli:root", 60).await;
    assert!(matches!(minted, Err(Error::Invalid(_))), "{minted:?}");
    // Whatever the operating system calls its user, what they do can be stored under their name.
    for name in ["root", "DOMAIN\\Jörg Meyer", "", "a\0b"] {
        let local = Cx::local(name);
        make_group(node, &local, &format!("grp_{}", name.len()), &[]).await;
        let made = record::create(
            node,
            &local,
            body(json!({"name": "n", "users": users(&["x"]),
            "statements": [statement(&["Authress:Owner"], &["docs"])]})),
        )
        .await
        .unwrap();
        assert_eq!(made.admins[0].user_id, local.name());
        assert_eq!(made.statements[0].resources, [Resource { resource_uri: "docs".to_owned() }]);
    }
    let _: portcullis_types::authress::PermissionObject = body(line("x", "a"));
}
