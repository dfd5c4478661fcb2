//! Records, roles, groups, clients, users, tokens, invites, requests, resources and the audit trail.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _};
use portcullis_client::area::{AuditFilter, RecordQuery, RequestQuery};
use portcullis_client::types::Timestamp;
use portcullis_client::types::authress::{
    AccessRequestBody, AccessTemplate, ClaimRequest, ClientBody, GroupBody, InviteBody, InviteStatement,
    RecordStatus, RequestDecision, RequestStatus, ResourceAction, ResourcePermission, RoleBody, TokenRequest,
};
use portcullis_client::{Client, ListQuery};
use portcullis_testkit::TestServer;

use crate::authorizing::{record, role};

#[tokio::test]
async fn a_record_is_created_read_updated_listed_and_deleted() {
    let server = TestServer::start().await.unwrap();
    let records = server.client().records();
    role(server.client(), "ro_reader", "documents:read").await;
    for number in 0..5 {
        let mut body = record("alice", "ro_reader", &["documents/1"]);
        body.record_id = Some(format!("rec_{number}"));
        records.create(&body).await.unwrap();
    }
    let shown = records.show("rec_0").await.unwrap();
    assert_eq!(shown.users, ["alice".into()]);
    let body = record("bob", "ro_reader", &["documents/2"]);
    let changed = records.update("rec_0", &body, shown.last_updated).await.unwrap();
    assert_eq!(changed.users, ["bob".into()]);
    let stale = records.update("rec_0", &body, Some(Timestamp::from_secs(1))).await.unwrap_err();
    assert_eq!(stale.status(), Some(412));
    let mut again = body.clone();
    again.record_id = Some("rec_0".to_owned());
    assert_eq!(records.create(&again).await.unwrap_err().status(), Some(409));

    let query = RecordQuery { limit: Some(2), ..RecordQuery::default() };
    let all: Vec<_> =
        records.list(query.clone()).map_ok(|record| record.record_id).try_collect().await.unwrap();
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len());
    assert!((0..5).all(|number| all.contains(&format!("rec_{number}"))), "{all:?}");
    // A stream that is not read to the end does not ask for the rest.
    assert_eq!(records.list(query).take(3).count().await, 3);

    records.delete("rec_1").await.unwrap();
    assert_eq!(records.show("rec_1").await.unwrap().status, Some(RecordStatus::Deleted));
    let deleted = RecordQuery { status: Some(RecordStatus::Deleted), ..RecordQuery::default() };
    let deleted: Vec<_> = records.list(deleted).try_collect().await.unwrap();
    assert_eq!(deleted.len(), 1);
    assert!(records.show("rec_none").await.unwrap_err().is_not_found());
    server.shutdown().await;
}

#[tokio::test]
async fn roles_and_groups_are_managed() {
    let server = TestServer::start().await.unwrap();
    let (roles, groups) = (server.client().roles(), server.client().groups());
    role(server.client(), "ro_reader", "documents:read").await;
    let shown = roles.show("ro_reader").await.unwrap();
    let body = RoleBody { name: "Readers".to_owned(), permissions: shown.permissions, ..RoleBody::default() };
    assert_eq!(roles.update("ro_reader", &body).await.unwrap().name, "Readers");
    let query = ListQuery { limit: Some(1), ..ListQuery::default() };
    let all: Vec<_> = roles.list(query.clone()).map_ok(|role| role.role_id).try_collect().await.unwrap();
    assert!(all.iter().any(|id| id == "ro_reader") && all.iter().any(|id| id == "Authress:Owner"), "{all:?}");
    roles.delete("ro_reader").await.unwrap();
    assert!(roles.delete("ro_reader").await.unwrap_err().is_not_found());

    let body =
        GroupBody { name: "staff".to_owned(), users: Some(vec!["bob".into()]), ..GroupBody::default() };
    let group = groups.create(&body).await.unwrap();
    assert_eq!(groups.show(&group.group_id).await.unwrap().users, ["bob".into()]);
    let changed = GroupBody { users: Some(vec!["eve".into()]), ..body };
    let changed = groups.update(&group.group_id, &changed, group.last_updated).await.unwrap();
    assert_eq!(changed.users, ["eve".into()]);
    assert_eq!(groups.list_page(&query, None).await.unwrap().items.len(), 1);
    let found: Vec<_> = groups.list(query).try_collect().await.unwrap();
    assert_eq!(found.len(), 1);
    groups.delete(&group.group_id).await.unwrap();
    assert!(groups.show(&group.group_id).await.unwrap_err().is_not_found());
    server.shutdown().await;
}

#[tokio::test]
async fn a_service_client_gets_a_key_asks_with_it_and_loses_it() {
    let server = TestServer::start().await.unwrap();
    let clients = server.client().clients();
    let made =
        clients.create(&ClientBody { name: Some("ci".to_owned()), ..ClientBody::default() }).await.unwrap();
    let id = made.client_id.as_str();
    let key = clients.create_access_key(id).await.unwrap();
    let with_key = Client::builder(server.url()).access_key(key.access_key.unwrap()).build().unwrap();
    assert!(!with_key.access().authorize_user(id, "documents/1", "documents:read").await.unwrap());
    assert_eq!(clients.show(id).await.unwrap().verification_keys[0].key_id, key.key_id);
    let body = ClientBody { name: Some("cd".to_owned()), ..ClientBody::default() };
    assert_eq!(clients.update(id, &body).await.unwrap().name.as_deref(), Some("cd"));
    let all: Vec<_> = clients.list(ListQuery { limit: Some(1), filter: None }).try_collect().await.unwrap();
    assert_eq!(all.len(), 2, "the owner too");
    let public =
        all.iter().find(|client| client.client_id == id).unwrap().verification_keys[0].public_key.clone();
    clients.delete_access_key(id, &key.key_id).await.unwrap();
    let refused = with_key.access().authorize_user(id, "documents/1", "documents:read").await.unwrap_err();
    assert_eq!(refused.status(), Some(401));
    let own = clients.register_access_key(id, &public.unwrap()).await.unwrap();
    assert_eq!(own.access_key, None, "the caller has it already");
    clients.delete(id).await.unwrap();
    assert!(clients.show(id).await.unwrap_err().is_not_found());
    server.shutdown().await;
}

#[tokio::test]
async fn tokens_that_are_limited_are_made_and_ended() {
    let server = TestServer::start().await.unwrap();
    let (client, tokens) = (server.client(), server.client().tokens());
    role(client, "ro_reader", "documents:read").await;
    let record = record("alice", "ro_reader", &["documents/*"]);
    client.records().create(&record).await.unwrap();
    let mut statement = record.statements[0].clone();
    statement.resources = vec!["documents/1".into()];
    let minted =
        tokens.create("alice", &TokenRequest { statements: vec![statement], expires: None }).await.unwrap();
    let alice = client.with_token(&minted.token);
    assert!(alice.access().authorize_user("alice", "documents/1", "documents:read").await.unwrap());
    assert!(!alice.access().authorize_user("alice", "documents/2", "documents:read").await.unwrap());
    tokens.disable("alice", &minted.token_id).await.unwrap();
    let refused = alice.access().authorize_user("alice", "documents/1", "documents:read").await.unwrap_err();
    assert_eq!(refused.status(), Some(401));
    server.shutdown().await;
}

#[tokio::test]
async fn requests_and_invites_become_records() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    role(client, "ro_reader", "documents:read").await;
    let statements = record("alice", "ro_reader", &["documents/1"]).statements;
    let access = AccessTemplate { users: vec!["alice".into()], statements };
    let alice = client.with_token(&server.user_token("alice").await.unwrap());
    let body = AccessRequestBody { access, ..AccessRequestBody::default() };
    let asked = alice.requests().create(&body).await.unwrap();
    let withdrawn = alice.requests().create(&body).await.unwrap();
    alice.requests().delete(&withdrawn.request_id).await.unwrap();
    let open = RequestQuery { limit: Some(1), status: Some(RequestStatus::Open) };
    let open: Vec<_> = client.requests().list(open).try_collect().await.unwrap();
    assert_eq!(open[0].request_id, asked.request_id);
    let answered = client.requests().respond(&asked.request_id, RequestDecision::Approved).await.unwrap();
    assert_eq!(answered.status, Some(RequestStatus::Approved));
    assert_eq!(
        client.requests().show(&asked.request_id).await.unwrap().status,
        Some(RequestStatus::Approved)
    );
    assert!(client.access().authorize_user("alice", "documents/1", "documents:read").await.unwrap());

    let statement =
        InviteStatement { roles: vec!["ro_reader".to_owned()], resources: vec!["documents/2".into()] };
    let body = InviteBody { statements: vec![statement], ..InviteBody::default() };
    let invite = client.invites().create(&body).await.unwrap();
    assert_eq!(client.invites().show(&invite.invite_id).await.unwrap().statements, invite.statements);
    let account = alice.invites().accept(&invite.invite_id).await.unwrap();
    assert_eq!(account.account_id, server.account_id());
    assert!(client.access().authorize_user("alice", "documents/2", "documents:read").await.unwrap());
    let other = client.invites().create(&body).await.unwrap();
    client.invites().delete(&other.invite_id).await.unwrap();
    assert!(alice.invites().accept(&other.invite_id).await.unwrap_err().is_not_found());
    server.shutdown().await;
}

#[tokio::test]
async fn resources_are_configured_and_claimed() {
    let server = TestServer::start().await.unwrap();
    let (client, resources) = (server.client(), server.client().resources());
    let claim = vec![ResourcePermission { action: ResourceAction::Claim, allow: true }];
    resources.update("teams", claim.clone()).await.unwrap();
    assert_eq!(resources.show("teams").await.unwrap().permissions, claim);
    let all: Vec<_> = resources.list(ListQuery::default()).try_collect().await.unwrap();
    assert_eq!(all.len(), 1);
    let alice = client.with_token(&server.user_token("alice").await.unwrap());
    let t1 = ClaimRequest { collection_resource: "teams".to_owned(), resource_id: "t1".to_owned() };
    alice.records().claim(&t1).await.unwrap();
    assert_eq!(alice.records().claim(&t1).await.unwrap_err().status(), Some(409));
    let users: Vec<_> = resources.users("teams/t1", Some(1)).try_collect().await.unwrap();
    assert_eq!(users[0].user_id, "alice");
    server.shutdown().await;
}

#[tokio::test]
async fn users_and_the_audit_trail_are_read() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    let none: Vec<_> = client.users().list(ListQuery::default()).try_collect().await.unwrap();
    assert!(none.is_empty());
    assert!(client.users().show("alice").await.unwrap_err().is_not_found());
    assert!(client.users().delete("alice").await.unwrap_err().is_not_found());
    let refused = client.users().configure_tokens("alice", &Default::default()).await.unwrap_err();
    assert!(refused.is_refusal(), "{refused:?}");
    role(client, "ro_a", "a").await;
    role(client, "ro_b", "b").await;
    let created =
        AuditFilter { limit: Some(1), action: Some("role.create".to_owned()), ..AuditFilter::default() };
    let events: Vec<_> =
        client.audit().list(created).map_ok(|event| event.target).try_collect().await.unwrap();
    assert_eq!(events, ["ro_b", "ro_a"], "newest first, page by page");
    server.shutdown().await;
}
