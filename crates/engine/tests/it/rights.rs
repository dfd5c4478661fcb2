//! AZ-01, AZ-02, AZ-03: who may do what, as a table of every use case and every kind of caller.

use std::pin::Pin;

use portcullis::access::{self, Question, ResourcesQuery};
use portcullis::audit::AuditQuery;
use portcullis::{
    Cx, Error, PageRequest, Result, apply, audit, client, group, invite, record, request, resource, role,
    token, user,
};
use portcullis_types::authress::RequestDecision::{Approved, Denied};
use portcullis_types::authress::{AccessRequestResponse, RequestDecision};
use serde_json::json;

use crate::bed::{Bed, client as plain_client, limited, on_both, user as whole};
use crate::make::{body, config_body, give, line, role as make_role, role_body, statement, users};

on_both!(
    az_01_every_use_case_answers_every_kind_of_caller_as_documented,
    az_02_what_one_may_not_see_is_answered_like_what_does_not_exist,
    az_03_read_only_fields_change_nothing,
);

/// What a call gave: how many things.
type Outcome<'a> = Pin<Box<dyn Future<Output = Result<usize>> + 'a>>;

/// A use case, done by somebody to the thing with this id.
struct Case {
    name: &'static str,
    /// The documented rights: action, bits, resource. `{}` is the id.
    rights: &'static [(&'static str, &'static str, &'static str)],
    /// Whether the admin of the thing (or whoever made it) may, too.
    admin: bool,
    /// How it is refused to everybody else.
    refused: &'static str,
    /// Makes the thing, which `adam` is the admin of, and gives its id.
    thing: fn(&Bed) -> Pin<Box<dyn Future<Output = String> + '_>>,
    call: for<'a> fn(&'a Bed, &'a Cx, &'a str) -> Outcome<'a>,
}

const FORBIDDEN: &str = "forbidden";
const NOT_FOUND: &str = "not found";
/// A list that leaves out what one may not see.
const EMPTY: &str = "0 things";

fn class(outcome: &Result<usize>) -> String {
    match outcome {
        Ok(things) => format!("{} things", usize::from(*things > 0)),
        Err(Error::Forbidden { .. }) => FORBIDDEN.to_owned(),
        Err(Error::NotFound(_)) => NOT_FOUND.to_owned(),
        Err(other) => format!("{other}: {other:?}"),
    }
}

fn first() -> PageRequest {
    PageRequest::first(20)
}

fn nothing(_: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async { "none".to_owned() })
}

fn a_record(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async {
        let made = json!({"name": "n", "users": users(&["x"]), "admins": users(&["adam"]), "statements": [statement(&["read"], &["docs"])]});
        record::create(&bed.portcullis, &bed.owner, body(made)).await.unwrap().record_id
    })
}

fn a_group(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async {
        let made = json!({"name": "n", "users": users(&["x"]), "admins": users(&["adam"])});
        group::create(&bed.portcullis, &bed.owner, body(made)).await.unwrap().group_id
    })
}

fn a_role(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async {
        role::create(
            &bed.portcullis,
            &bed.owner,
            body(json!({"name": "n", "permissions": [line("read", "a")]})),
        )
        .await
        .unwrap()
        .role_id
        .clone()
    })
}

fn a_client(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async { client::create(&bed.portcullis, &bed.owner, body(json!({}))).await.unwrap().client_id })
}

fn a_key(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async {
        let id = a_client(bed).await;
        let key = client::create_key(&bed.portcullis, &bed.owner, &id, body(json!({}))).await.unwrap();
        format!("{id}/{}", key.key_id)
    })
}

fn a_user(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async {
        let id = a_group(bed).await.replace("grp_", "usr_");
        user::create(&bed.portcullis, &bed.owner, body(json!({"userId": id}))).await.unwrap().user_id
    })
}

fn a_token(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async { bed.mint("tina").await.token_id })
}

fn an_invite(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async {
        let made = body(json!({"statements": []}));
        invite::create(&bed.portcullis, &whole("adam"), made).await.unwrap().invite_id
    })
}

fn a_request(bed: &Bed) -> Pin<Box<dyn Future<Output = String> + '_>> {
    Box::pin(async {
        let made =
            json!({"access": {"users": users(&["x"]), "statements": [statement(&["read"], &["docs"])]}});
        request::create(&bed.portcullis, &whole("adam"), body(made)).await.unwrap().request_id
    })
}

async fn answer(bed: &Bed, cx: &Cx, id: &str, status: RequestDecision) -> Result<usize> {
    request::respond(&bed.portcullis, cx, id, AccessRequestResponse { status }).await.map(|_| 1)
}

macro_rules! cases {
    ($($name:literal, $rights:expr, $admin:literal, $refused:expr, $thing:expr, |$bed:ident, $cx:ident, $id:ident| $call:expr;)*) => {
        vec![$(Case {
            name: $name, rights: &$rights, admin: $admin, refused: $refused, thing: $thing,
            call: |$bed, $cx, $id| { let _ = $id; Box::pin(async move { $call }) },
        }),*]
    };
}

fn of_access() -> Vec<Case> {
    cases! {
        "check", [("READ", "a", "Authress:UserPermissions/bob")], false, FORBIDDEN, nothing, |bed, cx, id|
            access::check(&bed.portcullis, cx, Question { user_id: "bob", resource: "docs", permission: "read" }).await.map(usize::from);
        "check_many", [("READ", "a", "Authress:UserPermissions/bob")], false, FORBIDDEN, nothing, |bed, cx, id|
            access::check_many(&bed.portcullis, cx, "bob", &[("docs", "read")]).await.map(|all| all.len());
        "permissions", [("READ", "a", "Authress:UserPermissions/bob")], false, FORBIDDEN, nothing, |bed, cx, id|
            access::permissions(&bed.portcullis, cx, "bob", "docs").await.map(|all| all.permissions.len());
        "roles", [("READ", "a", "Authress:UserPermissions/bob")], false, FORBIDDEN, nothing, |bed, cx, id|
            access::roles(&bed.portcullis, cx, "bob", "docs").await.map(|all| all.roles.len());
        "resources", [("READ", "a", "Authress:UserPermissions/bob")], false, FORBIDDEN, nothing, |bed, cx, id|
            access::resources(&bed.portcullis, cx, "bob", ResourcesQuery { collection: access::Collection::IncludeNested, ..ResourcesQuery::default() }, first()).await.map(|all| all.items.len());
        "explain", [("READ", "a", "Authress:UserPermissions/bob"), ("READ", "a", "Authress:AccessRecords")], false, FORBIDDEN, nothing, |bed, cx, id|
            access::explain(&bed.portcullis, cx, Question { user_id: "bob", resource: "docs", permission: "read" }).await.map(|_| 1);
        "users", [("READ", "a", "Authress:UserPermissions"), ("*", "g", "Authress:ResourcePermissions/docs")], false, FORBIDDEN, nothing, |bed, cx, id|
            access::users(&bed.portcullis, cx, "docs", first()).await.map(|all| all.items.len());
        "audit", [("READ", "a", "Portcullis:Audit")], false, FORBIDDEN, nothing, |bed, cx, id|
            audit::list(&bed.portcullis, cx, AuditQuery::default()).await.map(|all| all.items.len());
        "apply", [("*", "d", "*"), ("*", "d", "Authress:*"), ("*", "d", "Portcullis:*")], false, FORBIDDEN, nothing, |bed, cx, id|
            apply::apply(&bed.portcullis, cx, apply::ApplyDocument::default(), true).await.map(|_| 1);
    }
}

fn of_records_and_roles() -> Vec<Case> {
    cases! {
        "record.create", [("read", "g", "docs")], false, FORBIDDEN, nothing, |bed, cx, id|
            record::create(&bed.portcullis, cx, body(json!({"name": "n", "users": users(&["x"]), "statements": [statement(&["read"], &["docs"])]}))).await.map(|_| 1);
        "record.show", [("READ", "a", "Authress:AccessRecords/{}")], true, NOT_FOUND, a_record, |bed, cx, id|
            record::show(&bed.portcullis, cx, id).await.map(|_| 1);
        "record.update", [("UPDATE", "a", "Authress:AccessRecords/{}")], true, NOT_FOUND, a_record, |bed, cx, id|
            record::update(&bed.portcullis, cx, id, body(json!({"name": "other", "statements": [statement(&["read"], &["docs"])]})), None).await.map(|_| 1);
        "record.delete", [("UPDATE", "a", "Authress:AccessRecords/{}")], true, NOT_FOUND, a_record, |bed, cx, id|
            record::delete(&bed.portcullis, cx, id).await.map(|()| 1);
        "record.list", [("READ", "a", "Authress:AccessRecords")], true, EMPTY, a_record, |bed, cx, id|
            record::list(&bed.portcullis, cx, first(), None).await.map(|all| all.items.len());
        "record.list, one", [("READ", "a", "Authress:AccessRecords/{}")], true, EMPTY, a_record, |bed, cx, id|
            record::list(&bed.portcullis, cx, first(), None).await.map(|all| all.items.len());
        "role.create", [("CREATE", "a", "Authress:Roles")], false, FORBIDDEN, nothing, |bed, cx, id|
            role::create(&bed.portcullis, cx, body(json!({"name": "n", "permissions": []}))).await.map(|_| 1);
        "role.show", [("READ", "a", "Authress:Roles/{}")], false, NOT_FOUND, a_role, |bed, cx, id|
            role::show(&bed.portcullis, cx, id).await.map(|_| 1);
        "role.list", [("READ", "a", "Authress:Roles")], false, FORBIDDEN, a_role, |bed, cx, id|
            role::list(&bed.portcullis, cx, first()).await.map(|all| all.items.len());
        "role.update", [("UPDATE", "a", "Authress:Roles/{}")], false, NOT_FOUND, a_role, |bed, cx, id|
            role::update(&bed.portcullis, cx, id, body(json!({"name": "other", "permissions": []}))).await.map(|_| 1);
        "role.delete", [("UPDATE", "a", "Authress:Roles/{}")], false, NOT_FOUND, a_role, |bed, cx, id|
            role::delete(&bed.portcullis, cx, id).await.map(|()| 1);
        "resource.show", [("*", "g", "Authress:ResourcePermissions/docs")], false, FORBIDDEN, nothing, |bed, cx, id|
            resource::show(&bed.portcullis, cx, "docs").await.map(|_| 1);
        "resource.update", [("*", "g", "Authress:ResourcePermissions/docs"), ("*", "g", "docs")], false, FORBIDDEN, nothing, |bed, cx, id|
            resource::update(&bed.portcullis, cx, "docs", config_body("CLAIM", false)).await.map(|_| 1);
        "resource.list", [("READ", "a", "Authress:ResourcePermissions")], false, FORBIDDEN, nothing, |bed, cx, id|
            resource::list(&bed.portcullis, cx, first()).await.map(|all| all.items.len());
        "resource.claim", [("*", "d", "col")], false, FORBIDDEN, a_group, |bed, cx, id|
            resource::claim(&bed.portcullis, cx, body(json!({"collectionResource": "col", "resourceId": id}))).await.map(|_| 1);
    }
}

fn of_groups_and_clients() -> Vec<Case> {
    cases! {
        "group.create", [("CREATE", "a", "Authress:Groups")], false, FORBIDDEN, nothing, |bed, cx, id|
            group::create(&bed.portcullis, cx, body(json!({"name": "n"}))).await.map(|_| 1);
        "group.show", [("READ", "a", "Authress:Groups/{}")], true, NOT_FOUND, a_group, |bed, cx, id|
            group::show(&bed.portcullis, cx, id).await.map(|_| 1);
        "group.update", [("UPDATE", "a", "Authress:Groups/{}")], true, NOT_FOUND, a_group, |bed, cx, id|
            group::update(&bed.portcullis, cx, id, body(json!({"name": "other", "users": users(&["x"])})), None).await.map(|_| 1);
        "group.delete", [("UPDATE", "a", "Authress:Groups/{}")], true, NOT_FOUND, a_group, |bed, cx, id|
            group::delete(&bed.portcullis, cx, id).await.map(|()| 1);
        "group.list", [("READ", "a", "Authress:Groups")], true, EMPTY, a_group, |bed, cx, id|
            group::list(&bed.portcullis, cx, first()).await.map(|all| all.items.len());
        "client.create", [("CREATE", "a", "Authress:ServiceClients")], false, FORBIDDEN, nothing, |bed, cx, id|
            client::create(&bed.portcullis, cx, body(json!({}))).await.map(|_| 1);
        "client.show", [("READ", "a", "Authress:ServiceClients/{}")], false, NOT_FOUND, a_client, |bed, cx, id|
            client::show(&bed.portcullis, cx, id).await.map(|_| 1);
        "client.list", [("READ", "a", "Authress:ServiceClients")], false, FORBIDDEN, a_client, |bed, cx, id|
            client::list(&bed.portcullis, cx, first()).await.map(|all| all.items.len());
        "client.update", [("UPDATE", "a", "Authress:ServiceClients/{}")], false, NOT_FOUND, a_client, |bed, cx, id|
            client::update(&bed.portcullis, cx, id, body(json!({"name": "other"}))).await.map(|_| 1);
        "client.delete", [("UPDATE", "a", "Authress:ServiceClients/{}")], false, NOT_FOUND, a_client, |bed, cx, id|
            client::delete(&bed.portcullis, cx, id).await.map(|()| 1);
        "client.create_key", [("UPDATE", "a", "Authress:ServiceClients/{}/access-keys")], false, NOT_FOUND, a_client, |bed, cx, id|
            client::create_key(&bed.portcullis, cx, id, body(json!({}))).await.map(|_| 1);
        "client.delete_key", [("UPDATE", "a", "Authress:ServiceClients")], false, NOT_FOUND, a_key, |bed, cx, id| {
            let (client_id, key_id) = id.split_once('/').unwrap_or((id, "k"));
            client::delete_key(&bed.portcullis, cx, client_id, key_id).await.map(|()| 1)
        };
    }
}

fn of_people() -> Vec<Case> {
    cases! {
        "user.create", [("CREATE", "a", "Authress:Users")], false, FORBIDDEN, a_group, |bed, cx, id|
            user::create(&bed.portcullis, cx, body(json!({"userId": id}))).await.map(|_| 1);
        "user.show", [("READ", "a", "Authress:Users/{}")], false, NOT_FOUND, a_user, |bed, cx, id|
            user::show(&bed.portcullis, cx, id).await.map(|_| 1);
        "user.list", [("READ", "a", "Authress:Users")], false, FORBIDDEN, a_user, |bed, cx, id|
            user::list(&bed.portcullis, cx, first()).await.map(|all| all.items.len());
        "user.delete", [("UPDATE", "a", "Authress:Users/{}")], false, NOT_FOUND, a_user, |bed, cx, id|
            user::delete(&bed.portcullis, cx, id).await.map(|()| 1);
        "user.token_configuration", [("UPDATE", "a", "Authress:Users/{}")], false, NOT_FOUND, a_user, |bed, cx, id|
            user::set_token_configuration(&bed.portcullis, cx, id, body(json!({"accessTokenDuration": "PT1H"}))).await.map(|_| 1);
        "token.mint", [("CREATE", "a", "Authress:UserTokens/tina")], false, FORBIDDEN, nothing, |bed, cx, id|
            token::mint(&bed.portcullis, cx, "tina", 60).await.map(|_| 1);
        "token.create", [("CREATE", "a", "Authress:UserTokens/tina")], false, FORBIDDEN, nothing, |bed, cx, id|
            token::create(&bed.portcullis, cx, "tina", body(json!({"statements": [statement(&["read"], &["docs"])]}))).await.map(|_| 1);
        "token.disable", [("UPDATE", "a", "Authress:UserTokens/tina")], false, NOT_FOUND, a_token, |bed, cx, id|
            token::disable(&bed.portcullis, cx, "tina", id).await.map(|()| 1);
        "invite.create", [("read", "g", "docs")], false, FORBIDDEN, nothing, |bed, cx, id|
            invite::create(&bed.portcullis, cx, body(json!({"statements": [statement(&["read"], &["docs"])]}))).await.map(|_| 1);
        "invite.show", [("READ", "a", "Authress:Invites/{}")], true, NOT_FOUND, an_invite, |bed, cx, id|
            invite::show(&bed.portcullis, cx, id).await.map(|_| 1);
        "invite.delete", [("UPDATE", "a", "Authress:Invites/{}")], true, NOT_FOUND, an_invite, |bed, cx, id|
            invite::delete(&bed.portcullis, cx, id).await.map(|()| 1);
        "request.show", [("READ", "a", "Authress:AccessRequests/{}")], true, NOT_FOUND, a_request, |bed, cx, id|
            request::show(&bed.portcullis, cx, id).await.map(|_| 1);
        "request.list", [("READ", "a", "Authress:AccessRequests")], true, EMPTY, a_request, |bed, cx, id|
            request::list(&bed.portcullis, cx, first(), None).await.map(|all| all.items.len());
        "request.delete", [("UPDATE", "a", "Authress:AccessRequests/{}")], true, NOT_FOUND, a_request, |bed, cx, id|
            request::delete(&bed.portcullis, cx, id).await.map(|()| 1);
        "request.approve", [("read", "g", "docs")], false, NOT_FOUND, a_request, |bed, cx, id|
            answer(bed, cx, id, Approved).await;
        "request.deny", [("UPDATE", "a", "Authress:AccessRequests/{}")], false, NOT_FOUND, a_request, |bed, cx, id|
            answer(bed, cx, id, Denied).await;
    }
}

fn all_cases() -> Vec<Case> {
    [of_access(), of_records_and_roles(), of_groups_and_clients(), of_people()]
        .into_iter()
        .flatten()
        .collect()
}

async fn facts(bed: &Bed) -> Cx {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "read", &[("read", "a")]).await;
    give(node, owner, "rec_bob", "bob", (&["read"], &["docs"])).await;
    resource::update(node, owner, "docs", config_body("CLAIM", false)).await.unwrap();
    // Everything is its user's, and nothing of it the token's.
    give(node, owner, "rec_lim", "lim", (&["Authress:Owner"], &["*", "Authress:*", "Portcullis:*"])).await;
    let wanted = body(json!({"statements": [statement(&["Authress:Owner"], &["elsewhere"])]}));
    limited("lim", &token::create(node, owner, "lim", wanted).await.unwrap().token_id)
}

/// A user who holds exactly the documented rights.
async fn holder(bed: &Bed, number: usize, case: &Case, id: &str) -> Cx {
    let name = format!("holder-{number}");
    for (index, (action, bits, uri)) in case.rights.iter().enumerate() {
        let role_id = format!("{name}-{index}");
        role::create(&bed.portcullis, &bed.owner, role_body(&role_id, &[(action, bits)])).await.unwrap();
        give(&bed.portcullis, &bed.owner, &role_id, &name, (&[&role_id], &[&uri.replace("{}", id)])).await;
    }
    whole(&name)
}

async fn az_01_every_use_case_answers_every_kind_of_caller_as_documented(bed: Bed) {
    let lim = facts(&bed).await;
    let mut wrong = Vec::new();
    for (number, case) in all_cases().iter().enumerate() {
        let admin = if case.admin { "1 things" } else { case.refused };
        // Whoever made a request may know it, and is told that an answer is not theirs to give.
        let admin = if matches!(case.name, "request.approve" | "request.deny") { FORBIDDEN } else { admin };
        let callers = [
            ("the owner", bed.owner.clone(), "1 things"),
            ("a local command", Cx::local("root"), "1 things"),
            ("the admin", whole("adam"), admin),
            ("an unrelated user", whole("eve"), case.refused),
            ("an unrelated client", plain_client("sc_eve"), case.refused),
            ("a limited token", lim.clone(), case.refused),
        ];
        for (who, cx, expected) in callers {
            let id = (case.thing)(&bed).await;
            let got = class(&(case.call)(&bed, &cx, &id).await);
            if got != expected {
                wrong.push(format!("{} by {who}: {got} instead of {expected}", case.name));
            }
        }
        let id = (case.thing)(&bed).await;
        let cx = holder(&bed, number, case, &id).await;
        let got = class(&(case.call)(&bed, &cx, &id).await);
        if got != "1 things" {
            wrong.push(format!("{} by a holder of {:?}: {got}", case.name, case.rights));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn az_02_what_one_may_not_see_is_answered_like_what_does_not_exist(bed: Bed) {
    let lim = facts(&bed).await;
    let mut wrong = Vec::new();
    for case in all_cases().iter().filter(|case| case.refused == NOT_FOUND) {
        for cx in [whole("eve"), plain_client("sc_eve"), lim.clone()] {
            let there = (case.thing)(&bed).await;
            let there = format!("{:?}", (case.call)(&bed, &cx, &there).await);
            let missing = format!("{:?}", (case.call)(&bed, &cx, "grp_missing").await);
            if there != missing {
                wrong.push(format!("{} by {cx:?}: {there} and {missing}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn az_03_read_only_fields_change_nothing(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    make_role(node, owner, "read", &[("read", "a")]).await;
    let stolen = "1999-01-01T00:00:00.000Z";
    let links = json!({"self": {"href": "http://evil.test"}});
    let made = json!({"recordId": "rec", "name": "n", "users": users(&["x"]), "statements": [statement(&["read"], &["docs"])],
        "status": "DELETED", "lastUpdated": stolen, "capacity": 7, "account": {"accountId": "acc-evil"}, "links": links});
    let created = record::create(node, owner, body(made.clone())).await.unwrap();
    let updated = record::update(node, owner, "rec", body(made), None).await.unwrap();
    for told in [created, updated, record::show(node, owner, "rec").await.unwrap()] {
        let told = serde_json::to_value(told).unwrap();
        assert_eq!(
            (told["status"].as_str(), told["account"]["accountId"].as_str()),
            (Some("ACTIVE"), Some(node.account().account_id.as_str()))
        );
        assert!(told["lastUpdated"] != stolen && told["capacity"].as_f64().unwrap() < 1.0, "{told}");
        assert!(told["links"]["self"]["href"].as_str().unwrap().starts_with(crate::bed::URL), "{told}");
    }
    let grouped = group::create(
        node,
        owner,
        body(json!({"groupId": "grp_1", "name": "n", "lastUpdated": stolen, "links": links})),
    )
    .await
    .unwrap();
    assert_eq!(grouped.last_updated, Some(crate::bed::START));
    let made = json!({"clientId": "sc_mine", "createdTime": stolen, "verificationKeys": [{"keyId": "k", "clientId": "sc_mine"}], "links": links});
    let client = client::create(node, owner, body(made)).await.unwrap();
    assert!(
        client.client_id != "sc_mine"
            && client.verification_keys.is_empty()
            && client.created_time == crate::bed::START
    );
    let asked = request::create(
        node,
        owner,
        body(json!({"requestId": "mine", "status": "APPROVED", "lastUpdated": stolen, "links": links,
        "access": {"users": users(&["x"]), "statements": [statement(&["read"], &["docs"])]}})),
    )
    .await
    .unwrap();
    assert_eq!(asked.status, Some(portcullis_types::authress::RequestStatus::Open));
    assert!(asked.request_id.starts_with("req_") && !bed.may("x", "write", "docs").await);
    let invited =
        invite::create(node, owner, body(json!({"inviteId": "mine", "statements": [], "links": links})))
            .await
            .unwrap();
    assert!(invited.invite_id.starts_with("inv_") && invited.invite_id.len() == 36, "{}", invited.invite_id);
}
