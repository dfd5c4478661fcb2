//! Policies, overrides, user pools and the people in them, against a real server.

use futures_util::TryStreamExt as _;
use portcullis_client::ListQuery;
use portcullis_client::area::PoolUserQuery;
use portcullis_client::types::policy::{Effect, OverrideBody, PolicyBody};
use portcullis_client::types::sign_in::{Registration, UserPoolBody, UserState};
use portcullis_testkit::TestServer;

use crate::people::{ALICE, GOOD};

fn policy(name: &str) -> PolicyBody {
    let body = serde_json::json!({
        "policyId": "pol_1", "name": name, "effect": "allow", "permission": "document", "resource": "documents/*",
    });
    serde_json::from_value(body).unwrap()
}

fn exception(effect: &str) -> OverrideBody {
    let body = serde_json::json!({
        "overrideId": "ovr_1", "userId": "alice", "effect": effect, "permission": "*", "resource": "documents/1",
    });
    serde_json::from_value(body).unwrap()
}

#[tokio::test]
async fn policies_and_overrides_are_managed() {
    let server = TestServer::start().await.unwrap();
    let (policies, overrides) = (server.client().policies(), server.client().overrides());
    policies.create(&policy("first")).await.unwrap();
    assert_eq!(policies.create(&policy("again")).await.unwrap_err().status(), Some(409));
    assert_eq!(policies.update("pol_1", &policy("second")).await.unwrap().body.name, "second");
    let all: Vec<_> = policies.list(ListQuery::default()).try_collect().await.unwrap();
    assert_eq!(all, [policies.show("pol_1").await.unwrap()]);
    overrides.create(&exception("allow")).await.unwrap();
    assert_eq!(overrides.update("ovr_1", &exception("deny")).await.unwrap().body.effect, Effect::Deny);
    let query = ListQuery { filter: Some("alice".to_owned()), ..ListQuery::default() };
    let found: Vec<_> = overrides.list(query).try_collect().await.unwrap();
    assert_eq!(found, [overrides.show("ovr_1").await.unwrap()]);

    let alice = server.client().with_token(&server.user_token("alice").await.unwrap());
    assert!(alice.policies().show("pol_1").await.unwrap_err().is_not_found());
    assert_eq!(alice.overrides().create(&exception("allow")).await.unwrap_err().status(), Some(403));
    policies.delete("pol_1").await.unwrap();
    overrides.delete("ovr_1").await.unwrap();
    assert!(policies.show("pol_1").await.unwrap_err().is_not_found());
    assert!(overrides.delete("ovr_1").await.unwrap_err().is_not_found());
    server.shutdown().await;
}

#[tokio::test]
async fn pools_and_the_people_in_them_are_managed() {
    let server = TestServer::start().await.unwrap();
    let (pools, users) = (server.client().user_pools(), server.client().users());
    let shop = UserPoolBody { registration: Some(Registration::Open), ..UserPoolBody::default() };
    assert_eq!(pools.set("shop", &shop).await.unwrap().registration, Registration::Open);
    let ids: Vec<_> =
        pools.list(ListQuery::default()).map_ok(|pool| pool.pool_id).try_collect().await.unwrap();
    assert_eq!(ids, ["main", "shop"]);
    assert_eq!(pools.show("shop").await.unwrap().pool_id, "shop");
    assert!(pools.show("none").await.unwrap_err().is_not_found());

    let tokens = server.register(ALICE, GOOD).await.unwrap();
    let (id, bearer) = (tokens.user.id.clone(), tokens.access_token.expose());
    assert_eq!(users.sign_in(&id).await.unwrap().user.email.as_deref(), Some(ALICE));
    assert_eq!(users.sessions(&id).await.unwrap().len(), 1);
    assert!(users.consents(&id).await.unwrap().is_empty());
    assert!(users.withdraw_consent(&id, "none").await.unwrap_err().is_not_found());
    users.end_sessions(&id).await.unwrap();
    assert!(users.sessions(&id).await.unwrap().is_empty());
    assert_eq!(server.client().auth().me(bearer).await.unwrap_err().error_code(), Some("token_revoked"));

    let in_state = async |state| {
        let query = PoolUserQuery { state: Some(state), ..PoolUserQuery::default() };
        let found: Vec<_> = pools.users("main", query).try_collect().await.unwrap();
        found.len()
    };
    users.disable(&id).await.unwrap();
    assert_eq!((in_state(UserState::Active).await, in_state(UserState::Disabled).await), (0, 1));
    let refused = server.client().auth().login(ALICE, GOOD).await.unwrap_err();
    assert_eq!(refused.error_code(), Some("invalid_credentials"), "whether they are disabled is not told");
    users.enable(&id).await.unwrap();
    assert_eq!(in_state(UserState::Active).await, 1);
    server.login(ALICE, GOOD).await.unwrap();
    assert_eq!(users.start_reset(&id).await.unwrap_err().status(), Some(409), "this server sends no mail");
    assert!(users.disable("usr_none").await.unwrap_err().is_not_found());
    server.shutdown().await;
}
