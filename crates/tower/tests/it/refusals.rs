//! Every code as an answer (spec `guard-request.md` §2, §5.5, §7.2).

use axum::Router;
use axum::routing::get;
use portcullis_tower::{CurrentUser, require_op};
use portcullis_types::GuardCode;
use portcullis_types::guard::GuardStage;
use serde_json::json;

use crate::bed::{Bed, HELD};

fn guarded(operation: &'static str) -> Router {
    Router::new()
        .route("/", get(async || "ran").route_layer(require_op(operation)))
        .route("/me", get(async |_: CurrentUser| "me"))
}

#[tokio::test]
async fn every_code_has_its_status_its_body_and_its_headers() {
    for code in GuardCode::ALL {
        let bed = Bed::new(guarded(code.as_str()));
        let answer = match code.stage() {
            GuardStage::Authentication if *code == GuardCode::TokenMissing => bed.get("/me", "").await,
            GuardStage::Authentication => bed.get("/me", code.as_str()).await,
            GuardStage::Authorization | GuardStage::Billing => bed.get("/", "alice").await,
        };
        assert_eq!(answer.status.as_u16(), code.status(), "{code}");
        assert_eq!(answer.body["errorCode"], code.as_str(), "{code}");
        assert!(answer.body["detail"].is_string(), "{code}: {}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        let status = answer.status.as_u16();
        assert_eq!(answer.headers.contains_key("retry-after"), matches!(status, 429 | 503), "{code}");
        let challenged = status == 401 || *code == GuardCode::InsufficientScope;
        assert_eq!(answer.header("www-authenticate").starts_with("Bearer "), challenged, "{code}");
        let expected = if status == 402 { "application/problem+json" } else { "application/json" };
        assert_eq!(answer.header("content-type"), expected, "{code}");
        if status != 402 {
            let object = answer.body.as_object().unwrap();
            assert_eq!(object.keys().collect::<Vec<_>>(), ["detail", "errorCode", "requestId"], "{code}");
        }
    }
}

#[tokio::test]
async fn problem_details_are_sent_to_whoever_prefers_them() {
    let bed = Bed::new(guarded("permission_denied"));
    let headers =
        [("authorization", "Bearer alice"), ("accept", "application/problem+json, application/json;q=0.9")];
    let answer = bed.ask("GET", "/", &headers).await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!((&answer.body["status"], &answer.body["title"]), (&json!(403), &json!("Forbidden")));
    assert_eq!(answer.body["errorCode"], "permission_denied");
}

#[tokio::test]
async fn challenges_say_what_would_be_enough() {
    for (operation, details, expected) in [
        (
            "insufficient_scope",
            json!({ "scope": "documents:write documents:read" }),
            r#"error="insufficient_scope", error_description="no", scope="documents:write documents:read""#,
        ),
        (
            "mfa_required",
            json!({ "acrValues": ["mfa", "hw"], "maxAge": 300 }),
            r#"error="insufficient_user_authentication", error_description="no", acr_values="mfa hw", max_age="300""#,
        ),
        ("mfa_required", json!({}), r#"error="insufficient_user_authentication", error_description="no""#),
        (
            "insufficient_scope",
            json!({ "scope": "a\"b" }),
            r#"error="insufficient_scope", error_description="no""#,
        ),
    ] {
        let bed = Bed::new(guarded(operation));
        *bed.fake.details.lock().unwrap() = details.as_object().unwrap().clone();
        let answer = bed.get("/", "alice").await;
        let expected = format!(r#"Bearer realm="portcullis", {expected}"#);
        assert_eq!(answer.header("www-authenticate"), expected, "{operation} {details}");
    }
}

#[tokio::test]
async fn retry_after_is_whole_seconds_whatever_the_guard_says() {
    for (said, expected) in [
        (json!({}), "1"),
        (json!({ "retryAfter": 30 }), "30"),
        (json!({ "retryAfter": 1.2 }), "2"),
        (json!({ "retryAfter": 0 }), "1"),
        (json!({ "retryAfter": -5 }), "1"),
        (json!({ "retryAfter": "soon" }), "1"),
    ] {
        let bed = Bed::new(guarded("billing_unavailable"));
        *bed.fake.details.lock().unwrap() = said.as_object().unwrap().clone();
        assert_eq!(bed.get("/", "alice").await.header("retry-after"), expected, "{said}");
    }
}

#[tokio::test]
async fn a_402_says_what_it_costs_and_how_to_pay() {
    let bed = Bed::new(guarded("credits_insufficient"));
    *bed.fake.details.lock().unwrap() =
        json!({ "topUpUrl": "https://pay.example" }).as_object().unwrap().clone();
    let answer = bed.get("/", "alice").await;
    let mut body = answer.body;
    assert!(!body["errorId"].as_str().unwrap().is_empty());
    body.as_object_mut().unwrap().remove("errorId");
    let expected = json!({
        "type": "https://github.com/portcullis-iam/portcullis/problems/credits-insufficient",
        "title": "Payment Required", "status": 402, "detail": "no", "errorCode": "credits_insufficient",
        "required": HELD, "available": 1, "currency": "CREDIT", "operation": "credits_insufficient",
        "billingAccountId": "ba_1", "topUpUrl": "https://pay.example",
    });
    assert_eq!(body, expected);

    let bed = Bed::new(guarded("plan_feature_missing"));
    let details = json!({ "feature": "export", "currentPlan": "free", "upgradeUrl": "https://up.example" });
    *bed.fake.details.lock().unwrap() = details.as_object().unwrap().clone();
    let body = bed.get("/", "alice").await.body;
    assert_eq!((&body["feature"], &body["currentPlan"]), (&json!("export"), &json!("free")));
    assert_eq!(body["upgradeUrl"], "https://up.example");
}

#[tokio::test]
async fn what_is_hidden_is_not_found_and_says_no_more() {
    for (operation, status) in [
        ("permission_denied", 404),
        ("tenant_mismatch", 404),
        ("insufficient_scope", 404),
        ("decision_unavailable", 503),
        ("mfa_required", 401),
        ("credits_insufficient", 402),
        ("free", 200),
    ] {
        let bed = Bed::new(guarded(operation));
        *bed.fake.hide.lock().unwrap() = true;
        let answer = bed.get("/", "alice").await;
        assert_eq!(answer.status.as_u16(), status, "{operation}");
        if status == 404 {
            assert_eq!(
                (&answer.body["detail"], &answer.body["errorCode"]),
                (&json!("Not Found"), &json!("not_found"))
            );
            assert!(!answer.headers.contains_key("www-authenticate"));
        }
    }
}
