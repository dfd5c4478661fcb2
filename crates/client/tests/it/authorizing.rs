//! Questions about access (spec `authress-api.md` §3.1, §4.6).

use futures_util::TryStreamExt as _;
use portcullis_client::Client;
use portcullis_client::area::{CollectionConfiguration, UserResourcesQuery};
use portcullis_client::types::authress::{AccessRecordBody, PermissionObject, RoleBody, Statement};
use portcullis_testkit::TestServer;

/// A role that may do one thing.
pub(crate) async fn role(client: &Client, role_id: &str, action: &str) {
    let permission =
        PermissionObject { action: action.to_owned(), allow: true, grant: false, delegate: false };
    let role = RoleBody {
        role_id: Some(role_id.to_owned()),
        name: role_id.to_owned(),
        permissions: vec![permission],
        ..RoleBody::default()
    };
    assert_eq!(client.roles().create(&role).await.unwrap().role_id, role_id);
}

/// A record that gives a role on resources to one user.
pub(crate) fn record(user: &str, role: &str, resources: &[&str]) -> AccessRecordBody {
    let resources = resources.iter().map(|uri| (*uri).into()).collect();
    AccessRecordBody {
        name: format!("{user} {role}"),
        users: Some(vec![user.into()]),
        statements: vec![Statement { roles: vec![role.to_owned()], resources, ..Statement::default() }],
        ..AccessRecordBody::default()
    }
}

#[tokio::test]
async fn yes_and_no_are_answers_and_not_being_allowed_to_ask_is_an_error() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    role(client, "ro_reader", "documents:read").await;
    client.records().create(&record("auth0|alice", "ro_reader", &["documents/*"])).await.unwrap();
    let access = client.access();
    assert!(access.authorize_user("auth0|alice", "documents/1", "documents:read").await.unwrap());
    assert!(!access.authorize_user("auth0|alice", "documents/1", "documents:write").await.unwrap());
    assert!(!access.authorize_user("bob", "documents/1", "documents:read").await.unwrap());

    let token = server.user_token("auth0|alice").await.unwrap();
    for token in [token.clone(), format!("Bearer {token}")] {
        let alice = client.with_token(&token);
        assert!(alice.access().authorize_user("auth0|alice", "documents/1", "documents:read").await.unwrap());
        let error = alice.access().authorize_user("bob", "documents/1", "documents:read").await.unwrap_err();
        assert!(error.is_refusal() && error.status() == Some(403), "{error:?}");
    }
    let error = access.authorize_user("alice", "a//b", "x").await.unwrap_err();
    assert_eq!((error.status(), error.refusal().unwrap().field.is_some()), (Some(400), true), "{error:?}");
    let nobody = Client::builder(server.url()).build().unwrap();
    assert_eq!(nobody.access().authorize_user("a", "b", "c").await.unwrap_err().status(), Some(401));
    server.shutdown().await;
}

#[tokio::test]
async fn an_id_that_would_make_it_another_question_is_not_sent() {
    let server = TestServer::start().await.unwrap();
    for resource in ["..", ".", ""] {
        let error = server.client().access().authorize_user("alice", resource, "x").await.unwrap_err();
        assert!(error.could_not_ask() && error.status().is_none(), "{resource:?}: {error:?}");
    }
    server.shutdown().await;
}

#[tokio::test]
async fn a_decision_is_explained() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    role(client, "ro_reader", "documents:read").await;
    let created = client.records().create(&record("alice", "ro_reader", &["documents/*"])).await.unwrap();
    let why = client.access().explain("alice", "documents/1", "documents:read").await.unwrap();
    assert_eq!(why.decision, "allow");
    assert_eq!(why.allowed_by.unwrap().record_id, Some(created.record_id));
    let why = client.access().explain("bob", "documents/1", "documents:read").await.unwrap();
    assert!(why.decision == "deny" && why.allowed_by.is_none());
    server.shutdown().await;
}

#[tokio::test]
async fn permissions_roles_and_resources_of_a_user_are_listed_and_none_is_an_empty_list() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    role(client, "ro_reader", "documents:read").await;
    let uris = ["documents/1", "documents/2", "documents/3", "documents/4/parts/1"];
    client.records().create(&record("alice", "ro_reader", &uris)).await.unwrap();
    let access = client.access();
    let found = access.permissions("alice", "documents/1").await.unwrap();
    assert_eq!(found.iter().map(|found| found.action.as_str()).collect::<Vec<_>>(), ["documents:read"]);
    assert_eq!(access.roles("alice", "documents/1").await.unwrap()[0].role_id, "ro_reader");
    assert!(access.permissions("bob", "documents/1").await.unwrap().is_empty());
    assert!(access.roles("bob", "documents/1").await.unwrap().is_empty());

    let query = UserResourcesQuery {
        resource_uri: Some("documents".to_owned()),
        limit: Some(2),
        ..Default::default()
    };
    let page = access.resources_page("alice", &query, None).await.unwrap();
    assert!(page.items.len() == 2 && page.next.is_some(), "{page:?}");
    let all: Vec<_> = access.resources("alice", query.clone()).try_collect().await.unwrap();
    assert_eq!(all.iter().map(|found| found.resource_uri.as_str()).collect::<Vec<_>>(), &uris[..3]);
    let nested = UserResourcesQuery {
        collection: CollectionConfiguration::IncludeNested,
        permission: Some("documents:read".to_owned()),
        ..query
    };
    let all: Vec<_> = access.resources("alice", nested).try_collect().await.unwrap();
    assert_eq!(all.iter().map(|found| found.resource_uri.as_str()).collect::<Vec<_>>(), uris);
    server.shutdown().await;
}
