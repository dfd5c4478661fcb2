//! Credits over HTTP (spec `guard-request.md` §5.3, §5.5).

use serde_json::json;

use crate::bed::Bed;

#[tokio::test]
async fn credits_are_given_held_taken_and_given_back() {
    let bed = Bed::start().await;
    let owner = bed.owner();
    let grant = json!({ "amount": 100, "grantId": "grt_1" });
    let given = owner.send("POST", "/v1/credits/accounts/org_1/grants", Some(grant.clone())).await;
    assert_eq!(given.status, 201, "{given:?}");
    assert_eq!(owner.send("POST", "/v1/credits/accounts/org_1/grants", Some(grant)).await.status, 409);
    let ask = json!({ "accountId": "org_1", "amount": 60, "idempotencyKey": "k" });
    let held = owner.send("POST", "/v1/credits/reservations", Some(ask.clone())).await;
    assert_eq!(held.status, 201, "{held:?}");
    let id = held.json()["reservationId"].as_str().unwrap().to_owned();
    let again = owner.send("POST", "/v1/credits/reservations", Some(ask)).await;
    assert_eq!(again.json(), held.json());
    let other = json!({ "accountId": "org_1", "amount": 61, "idempotencyKey": "k" });
    let conflict = owner.send("POST", "/v1/credits/reservations", Some(other)).await;
    assert_eq!((conflict.status, conflict.json()["errorCode"].clone()), (409, json!("idempotency_conflict")));
    let commit = format!("/v1/credits/reservations/{id}/commit");
    let done = owner.send("POST", &commit, Some(json!({ "amount": 50 }))).await;
    assert_eq!((done.status, done.json()["committed"].clone()), (200, json!(50)), "{done:?}");
    let closed = owner.send("POST", &commit, Some(json!({ "amount": 51 }))).await;
    assert_eq!((closed.status, closed.json()["errorCode"].clone()), (409, json!("reservation_closed")));
    let release = format!("/v1/credits/reservations/{id}/release");
    assert_eq!(owner.send("POST", &release, None).await.status, 409);
    let refund = json!({ "reservationId": id, "amount": 20 });
    assert_eq!(owner.send("POST", "/v1/credits/refunds", Some(refund)).await.status, 201);
    let wallet = owner.get("/v1/credits/accounts/org_1").await.json();
    assert_eq!(wallet["balances"][0]["available"], 70);
    let entries = owner.get("/v1/credits/accounts/org_1/entries?limit=2").await;
    assert!(entries.status == 200 && entries.json()["links"]["next"].is_object(), "{entries:?}");
    let grants = owner.get("/v1/credits/accounts/org_1/grants").await.json();
    assert_eq!(grants["grants"].as_array().unwrap().len(), 2);
    let void = owner.send("POST", "/v1/credits/accounts/org_1/grants/grt_1/void", None).await;
    assert_eq!((void.status, void.json()["state"].clone()), (200, json!("ended")), "{void:?}");
}

#[tokio::test]
async fn a_wallet_that_holds_too_little_is_402_and_says_how_much_it_takes() {
    let bed = Bed::start().await;
    let ask = json!({ "accountId": "org_1", "amount": 60, "operation": "create_document" });
    let short = bed.owner().send("POST", "/v1/credits/reservations", Some(ask)).await;
    let body = short.json();
    assert_eq!(short.status, 402, "{short:?}");
    for (member, value) in [
        ("type", json!("/problems/credits-insufficient")),
        ("errorCode", json!("credits_insufficient")),
        ("required", json!(60)),
        ("available", json!(0)),
        ("currency", json!("CREDIT")),
        ("billingAccountId", json!("org_1")),
        ("operation", json!("create_document")),
    ] {
        assert_eq!(body[member], value, "{member}");
    }
}

#[tokio::test]
async fn negative_and_overflowing_amounts_are_400_and_named() {
    let bed = Bed::start().await;
    for amount in [json!(-1), json!(i64::MAX), json!(i64::MIN), json!(1.5), json!(1e300), json!("1")] {
        for (path, body) in [
            ("/v1/credits/accounts/org_1/grants", json!({ "amount": amount })),
            ("/v1/credits/reservations", json!({ "accountId": "org_1", "amount": amount })),
            ("/v1/credits/refunds", json!({ "reservationId": "rsv_1", "amount": amount })),
        ] {
            let refused = bed.owner().send("POST", path, Some(body)).await;
            assert_eq!((refused.status, refused.field().as_str()), (400, "amount"), "{path} {amount}");
        }
    }
}
