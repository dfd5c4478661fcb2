//! Guests, forged tokens, and people who sign in.

use serde_json::json;

use crate::bed::{Bed, in_both_ways};
use crate::installation::ALICE;

const PROTECTED: &str = "/api/v1/app/my-protected-resource";
const OPTIONAL: &str = "/api/v1/app/my-optional-auth-resource";

async fn a_guest_is_greeted_where_guests_may_come_and_refused_elsewhere(bed: &Bed) {
    assert_eq!(bed.get("/health", "").await.body, json!("ok"));
    assert_eq!(bed.get("/nowhere", "").await.status, 404);
    let optional = bed.get(OPTIONAL, "").await;
    let greeting = json!({ "message": "Hello, guest! This resource is accessible to all." });
    assert_eq!((optional.status, &optional.body), (200, &greeting));
    assert_eq!(optional.challenge, "");
    let required = bed.get(PROTECTED, "").await;
    assert_eq!((required.status, required.challenge.as_str()), (401, r#"Bearer realm="portcullis""#));
    assert_eq!(required.body["errorCode"], "token_missing");
    assert_eq!(bed.create("", "minutes").await.status, 401);
}

async fn a_forged_token_is_a_guest_who_is_told_so(bed: &Bed) {
    assert_eq!(bed.get("/health", "forged").await.status, 200);
    let optional = bed.get(OPTIONAL, "forged").await;
    assert_eq!(optional.status, 200, "{}", optional.body);
    assert!(optional.body["message"].as_str().unwrap().contains("guest"));
    assert!(optional.challenge.contains(r#"error="invalid_token""#), "{}", optional.challenge);
    let required = bed.get(PROTECTED, "forged").await;
    assert_eq!(required.status, 401);
    assert!(required.challenge.contains(r#"error="invalid_token""#), "{}", required.challenge);
}

async fn who_signs_in_is_known_on_every_route(bed: &Bed) {
    for (email, password) in [
        (ALICE, "another long walk by the river"),
        ("nobody@example.com", "a long walk by the quiet river"),
        ("no address", "a long walk by the quiet river"),
    ] {
        let wrong = json!({ "email": email, "password": password });
        assert_eq!(bed.post("/api/v1/app/login", "", &wrong).await.status, 401, "{email}");
    }
    let token = bed.login(ALICE).await;
    assert_eq!(token.split('.').count(), 3);
    let required = bed.get(PROTECTED, &token).await;
    assert_eq!((required.status, required.challenge.as_str()), (200, ""), "{}", required.body);
    assert_eq!(required.body["user_email"], ALICE);
    assert_eq!(required.body["organization_name"], "Wonderland");
    let optional = bed.get(OPTIONAL, &token).await;
    assert_eq!((optional.status, &optional.body["message"]), (200, &json!("Hello, authenticated user!")));
    assert_eq!(optional.body["user_id"], required.body["user_id"]);
    assert!(optional.body["tenant_id"].is_null());
}

async fn who_tried_too_often_is_told_when_to_come_back(bed: &Bed) {
    let wrong = json!({ "email": "carol@example.com", "password": "another long walk by the river" });
    for _ in 0..10 {
        assert_eq!(bed.post("/api/v1/app/login", "", &wrong).await.status, 401);
    }
    let locked = bed.post("/api/v1/app/login", "", &wrong).await;
    assert_eq!(locked.status, 429, "{}", locked.body);
    let after: u32 = locked.retry_after.parse().unwrap();
    assert!((1..=900).contains(&after), "{after}");
}

in_both_ways!(
    a_guest_is_greeted_where_guests_may_come_and_refused_elsewhere,
    a_forged_token_is_a_guest_who_is_told_so,
    who_signs_in_is_known_on_every_route,
    who_tried_too_often_is_told_when_to_come_back,
);
