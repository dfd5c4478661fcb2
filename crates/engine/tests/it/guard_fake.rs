//! The guard's development mode (spec `guard-request.md` §1.3): every token is somebody, and says so.

use portcullis::Portcullis;
use portcullis_types::{Guard as _, GuardCode, GuardOutcome, GuardRequest};
use serde_json::{Value, json};

use crate::bed::{Bed, is_refused, on_both, sender, settings};
use crate::make::{body, give, role};

on_both!(
    every_token_is_the_test_user_and_the_context_says_so,
    what_is_permitted_is_decided_as_ever,
    a_token_names_people_only,
    our_own_api_takes_no_fake_token,
);

async fn fake(bed: &Bed) -> Portcullis {
    let mut settings = settings(&bed.clock, "fake", 78);
    settings.stages = settings.stages.with_fake_context();
    Portcullis::start(std::sync::Arc::clone(&bed.store), settings).await.unwrap()
}

/// A JWT that nobody signed and that names no key.
fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| base64url(value.to_string().as_bytes());
    format!("{}.{}.", part(&json!({"alg": "none"})), part(claims))
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    text
}

fn context(outcome: GuardOutcome) -> Value {
    serde_json::to_value(outcome.context.unwrap()).unwrap()
}

async fn every_token_is_the_test_user_and_the_context_says_so(bed: Bed) {
    let node = fake(&bed).await;
    let claims = json!({"exp": 1, "custom": 7, "user": {"id": "root"}, "_fake": false});
    let who = node.check(GuardRequest::who(&unsigned(&claims))).await;
    assert!(who.is_allowed() && who.is_authenticated, "{who:?}");
    let expected = json!({
        "_fake": true,
        "user": {"id": "test_user_001", "name": "Test User Default", "email": "testuser@example.com",
            "roles": ["test_role_admin"], "is_active": true},
        "organization": {"id": "test_org_001", "name": "Test Organization", "plan": "premium_test_plan"},
        "tenant": {"id": "test_tenant_001", "name": "Test Tenant", "region": "test_region_1"},
        "product": {"id": "test_product_001", "name": "FluidGrids Workflow Engine (Test Context)",
            "version_subscribed": "dev-latest"},
        "claims": {"user": {"id": "root"}, "_fake": false},
        "custom": 7,
    });
    assert_eq!(context(who), expected);

    let named = unsigned(&json!({"sub": "alice", "email": "alice@example.org"}));
    let metadata = json!({"fetch_organization_info": false, "product_id": "prd_app"});
    let request = GuardRequest { metadata: metadata.as_object(), ..GuardRequest::who(&named) };
    let told = context(node.check(request).await);
    assert_eq!((&told["user"]["id"], &told["user"]["email"]), (&json!("alice"), &json!("alice@example.org")));
    assert_eq!((&told["organization"], &told["product"]["id"]), (&Value::Null, &json!("prd_app")));

    for (bad, code) in [
        ("", GuardCode::TokenMissing),
        ("x", GuardCode::TokenMalformed),
        ("a.b.c", GuardCode::TokenMalformed),
        ("e30.e30.", GuardCode::TokenMalformed),
    ] {
        assert_eq!(node.check(GuardRequest::who(bad)).await.error_code, Some(code), "{bad}");
    }
    let real = bed.portcullis.check(GuardRequest::who(&named)).await;
    assert!(!real.is_authenticated, "without the mode it is nobody's");
}

async fn what_is_permitted_is_decided_as_ever(bed: Bed) {
    let node = fake(&bed).await;
    role(&node, &bed.owner, "writer", &[("document:create", "a")]).await;
    give(&node, &bed.owner, "rec", "test_user_001", (&["writer"], &["documents"])).await;
    let operation = json!({"operation": "do.it", "permission": "document:create", "resource": "documents"});
    portcullis::operation::create(&node, &bed.owner, body(operation)).await.unwrap();
    let ask = async |claims: Value| node.check(GuardRequest::new(&unsigned(&claims), "do.it")).await;
    assert!(ask(json!({})).await.allowed);
    assert_eq!(ask(json!({"sub": "alice"})).await.error_code, Some(GuardCode::PermissionDenied));
    let deny = json!({"overrideId": "ovr_1", "userId": "test_user_001", "effect": "deny", "permission": "*",
        "resource": "*"});
    portcullis::user_override::create(&node, &bed.owner, body(deny)).await.unwrap();
    assert_eq!(ask(json!({})).await.error_code, Some(GuardCode::PermissionDenied));
}

async fn a_token_names_people_only(bed: Bed) {
    let node = fake(&bed).await;
    for id in [bed.owner.name(), "cli:root", "", "a b"] {
        let who = node.check(GuardRequest::who(&unsigned(&json!({"sub": id})))).await;
        assert_eq!(who.context.unwrap().subject(), Some("test_user_001"), "{id}");
    }
}

async fn our_own_api_takes_no_fake_token(bed: Bed) {
    let node = fake(&bed).await;
    assert!(is_refused(&sender(&node, &unsigned(&json!({"sub": "alice"}))).await));
}
