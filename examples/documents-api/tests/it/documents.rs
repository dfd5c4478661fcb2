//! A priced route: who may, who can pay, and that only success is paid.

use serde_json::json;

use crate::bed::{Bed, DOCUMENTS, in_both_ways};
use crate::installation::{ALICE, BOB, ORGANIZATION, PRICE};

async fn who_has_no_role_may_not_create_and_nothing_is_held(bed: &Bed) {
    bed.installation.grant(PRICE).await;
    let bob = bed.login(BOB).await;
    let refused = bed.create(&bob, "minutes").await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert_eq!(refused.body["errorCode"], "permission_denied");
    bed.expect_available(PRICE).await;
}

async fn who_cannot_pay_is_told_what_it_costs(bed: &Bed) {
    bed.installation.grant(PRICE - 1).await;
    let alice = bed.login(ALICE).await;
    let refused = bed.create(&alice, "minutes").await;
    assert_eq!(refused.status, 402, "{}", refused.body);
    assert_eq!(refused.kind, "application/problem+json");
    let expected = json!({"status": 402, "errorCode": "credits_insufficient", "required": PRICE,
        "currency": "CREDIT", "operation": "create_document", "billingAccountId": ORGANIZATION});
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&refused.body[name], value, "{name}: {}", refused.body);
    }
    assert!(refused.body["type"].as_str().unwrap().ends_with("/credits-insufficient"));
    bed.expect_available(PRICE - 1).await;
    bed.installation.grant(1).await;
    assert_eq!(bed.create(&alice, "minutes").await.status, 201, "the same request, once it is paid for");
}

async fn a_document_that_is_created_costs_its_price(bed: &Bed) {
    bed.installation.grant(2 * PRICE + 1).await;
    let alice = bed.login(ALICE).await;
    for left in [PRICE + 1, 1] {
        let created = bed.create(&alice, "minutes").await;
        assert_eq!((created.status, &created.body["credits"]), (201, &json!(PRICE)), "{}", created.body);
        assert_eq!(bed.installation.balance().await, (left, 0), "paid when the answer is here");
    }
    assert_eq!(bed.create(&alice, "minutes").await.status, 402);
}

async fn what_fails_costs_nothing(bed: &Bed) {
    bed.installation.grant(PRICE).await;
    let alice = bed.login(ALICE).await;
    for (title, status) in [("", 422), ("too long", 507)] {
        assert_eq!(bed.create(&alice, title).await.status, status);
        assert_eq!(bed.installation.balance().await, (PRICE, 0), "{title:?}");
    }
    let malformed = bed.post(DOCUMENTS, &alice, &json!({ "name": "minutes" })).await;
    assert_eq!(malformed.status, 422);
    assert_eq!(bed.installation.balance().await, (PRICE, 0));
}

async fn what_panics_costs_nothing(bed: &Bed) {
    bed.installation.grant(PRICE).await;
    let alice = bed.login(ALICE).await;
    for _ in 0..3 {
        let torn = bed.try_post(DOCUMENTS, &alice, &json!({ "title": "torn" })).await;
        assert!(torn.is_err(), "the connection broke");
        bed.expect_available(PRICE).await;
    }
    assert_eq!(bed.create(&alice, "minutes").await.status, 201);
    assert_eq!(bed.installation.balance().await, (0, 0));
}

in_both_ways!(
    who_has_no_role_may_not_create_and_nothing_is_held,
    who_cannot_pay_is_told_what_it_costs,
    a_document_that_is_created_costs_its_price,
    what_fails_costs_nothing,
    what_panics_costs_nothing,
);
