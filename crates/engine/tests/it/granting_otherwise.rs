//! AZ-10: nobody grants more than they hold: groups, resources, clients, invites, requests, tokens.

use portcullis::{Cx, Error, client, group, invite, record, request, resource, token};
use portcullis_types::Caller;
use portcullis_types::authress::{ClientOptions, RequestDecision, Resource};
use serde_json::json;

use crate::bed::{Bed, client as plain_client, cx, on_both, user};
use crate::granting::{ann, is_forbidden};
use crate::make::{
    body, config_body, give, group as make_group, group_body, group_record, role as make_role, statement,
    users,
};

on_both!(
    az_10_a_group_that_records_name_is_created_by_those_who_could_hand_it_out,
    az_10_an_editor_of_a_group_adds_members_or_admins_only_with_the_right_to_hand_out,
    az_10_resources_are_opened_by_those_who_could_hand_them_out,
    az_10_client_options_are_given_by_those_who_have_them,
    az_10_an_invite_gives_what_the_inviter_may_hand_out_when_it_is_accepted,
    az_10_an_approval_takes_the_right_to_hand_out,
    az_10_a_token_for_a_user_is_no_way_to_become_a_service_client,
    az_10_names_of_local_commands_are_nobody_else_s,
    az_10_a_key_is_made_by_those_who_could_hand_out_what_its_client_holds,
);

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
}

async fn az_10_a_key_is_made_by_those_who_could_hand_out_what_its_client_holds(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "updater", &[("UPDATE", "a")]).await;
    make_role(node, owner, "read", &[("read", "a")]).await;
    make_role(node, owner, "granter", &[("read", "g")]).await;
    let machine = client::create(node, owner, body(json!({}))).await.unwrap().client_id;
    give(node, owner, "rec_carl", "carl", (&["updater"], &["Authress:ServiceClients/*"])).await;
    let carl = user("carl");
    // While the client holds nothing, whoever may update it may make its keys.
    client::create_key(node, &carl, &machine, body(json!({}))).await.unwrap();
    give(node, owner, "rec_machine", &machine, (&["read"], &["docs"])).await;
    let made = client::create_key(node, &carl, &machine, body(json!({}))).await;
    assert!(is_forbidden(&made), "{made:?}");
    let made = client::create_key(node, &carl, bed.key.client_id(), body(json!({}))).await;
    assert!(is_forbidden(&made), "{made:?}");
    give(node, owner, "rec_carl2", "carl", (&["granter"], &["docs"])).await;
    client::create_key(node, &carl, &machine, body(json!({}))).await.unwrap();
    // A client changes its own keys, if it may update itself.
    give(node, owner, "rec_self", &machine, (&["updater"], &[&format!("Authress:ServiceClients/{machine}")]))
        .await;
    client::create_key(node, &plain_client(&machine), &machine, body(json!({}))).await.unwrap();
}
