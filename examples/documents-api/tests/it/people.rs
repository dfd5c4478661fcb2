//! Guests, forged tokens, and people who sign in.

use serde_json::json;

use crate::bed::{Bed, EMAIL, embedded, in_both_ways};

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
    assert_eq!(bed.post("/api/v1/app/documents", "", &json!({ "title": "a" })).await.status, 401);
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

async fn who_signs_in_gets_a_token(bed: &Bed) {
    let wrong = json!({ "email": EMAIL, "password": "another long walk by the river" });
    assert_eq!(bed.post("/api/v1/app/login", "", &wrong).await.status, 401);
    assert_eq!(bed.login().await.split('.').count(), 3);
}

in_both_ways!(a_guest_is_greeted_where_guests_may_come_and_refused_elsewhere);
embedded!(a_forged_token_is_a_guest_who_is_told_so, who_signs_in_gets_a_token);
