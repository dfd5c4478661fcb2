//! The guard with this installation's own ledger: what a request is taken for, and in whose name.

use std::sync::Arc;

use portcullis::guard::charge_deferred;
use portcullis::{credits, operation, organization};
use portcullis_types::{Guard as _, GuardCode, GuardOutcome, GuardRequest};
use serde_json::{Value, json};

use crate::bed::{Bed, on_both};
use crate::guard::{Down, with};
use crate::make::{body, give, role};

on_both!(
    a_request_id_that_comes_again_is_paid_again,
    a_key_that_comes_again_is_paid_once,
    who_it_is_is_answered_also_to_members_of_two_organizations,
    az_05_what_failed_open_is_taken_from_the_wallet_once_by_all_nodes_together,
);

/// Alice may create documents, at 4 each, and has 8.
async fn world(bed: &Bed) -> String {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    role(node, owner, "writer", &[("document:create", "a")]).await;
    give(node, owner, "rec", "alice", (&["writer"], &["documents"])).await;
    let create = json!({"operation": "create_document", "permission": "document:create",
        "resource": "documents/{id}", "billing": {"base": 4, "mode": "reserve"}});
    operation::create(node, owner, body(create)).await.unwrap();
    credits::grant(node, owner, "alice", body(json!({"amount": 8}))).await.unwrap();
    bed.mint("alice").await.token.clone()
}

async fn create(bed: &Bed, token: &str, metadata: Value) -> GuardOutcome {
    let request = GuardRequest {
        metadata: metadata.as_object(),
        request_id: Some("chosen"),
        ..GuardRequest::new(token, "create_document")
    };
    bed.portcullis.check(request).await
}

fn held(outcome: &GuardOutcome) -> String {
    assert!(outcome.is_allowed(), "{outcome:?}");
    outcome.billing.as_ref().unwrap().reservation.as_ref().unwrap().id.clone()
}

async fn a_request_id_that_comes_again_is_paid_again(bed: Bed) {
    let alice = world(&bed).await;
    let first = held(&create(&bed, &alice, json!({})).await);
    bed.portcullis.commit(&first, None).await.unwrap();
    let second = held(&create(&bed, &alice, json!({})).await);
    assert_ne!(first, second, "each is a request of its own");
    let third = create(&bed, &alice, json!({})).await;
    assert_eq!((third.error_code, third.status_code), (Some(GuardCode::CreditsInsufficient), 402));
    assert!(!third.is_allowed());
}

async fn a_key_that_comes_again_is_paid_once(bed: Bed) {
    let alice = world(&bed).await;
    let keyed = || json!({"billing": {"idempotencyKey": "of the application"}});
    let first = held(&create(&bed, &alice, keyed()).await);
    assert_eq!(held(&create(&bed, &alice, keyed()).await), first);
    assert_ne!(held(&create(&bed, &alice, json!({})).await), first);
}

async fn who_it_is_is_answered_also_to_members_of_two_organizations(bed: Bed) {
    let alice = world(&bed).await;
    for id in ["o1", "o2"] {
        let new = body(json!({"organizationId": id, "name": id, "owner": "alice"}));
        organization::create(&bed.portcullis, &bed.owner, new).await.unwrap();
    }
    let who = bed.portcullis.check(GuardRequest::who(&alice)).await;
    assert!(who.is_allowed(), "{who:?}");
    assert_eq!((who.is_authorized, &who.error, who.error_code, who.status_code), (None, &None, None, 200));
    let context = who.context.unwrap();
    assert_eq!(context.subject(), Some("alice"));
    assert!(context.organization.is_none() && context.tenant.is_none(), "which of them is not known");
    let which = create(&bed, &alice, json!({})).await;
    assert_eq!(which.error_code, Some(GuardCode::TenantAmbiguous), "an operation takes place somewhere");
    assert!(which.is_authenticated && which.context.is_some());
    let hint = json!({"organization_id": "o2"});
    let request = GuardRequest { metadata: hint.as_object(), ..GuardRequest::who(&alice) };
    let context = bed.portcullis.check(request).await.context.unwrap();
    assert_eq!(context.organization.as_ref().unwrap().id, "o2");
}

async fn az_05_what_failed_open_is_taken_from_the_wallet_once_by_all_nodes_together(bed: Bed) {
    let alice = world(&bed).await;
    let open = json!({"operation": "open_document", "permission": "document:create", "resource": "documents/{id}",
        "billing": {"base": 3}, "failMode": "open"});
    operation::create(&bed.portcullis, &bed.owner, body(open)).await.unwrap();
    let without_ledger = with(&bed, |stages| stages.ledger = Arc::new(Down)).await;
    for key in ["one", "two", "one"] {
        let metadata = json!({"billing": {"idempotencyKey": key}});
        let request =
            GuardRequest { metadata: metadata.as_object(), ..GuardRequest::new(&alice, "open_document") };
        let outcome = without_ledger.check(request).await;
        assert!(outcome.is_allowed() && outcome.details["deferred"] == true, "{outcome:?}");
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_deferred_charge").await, 2);
    assert_eq!(bed.number("SELECT available FROM pc_credit_account").await, 8, "nothing was taken yet");
    // What a node that dies after the charge leaves behind: it is found again, by the same key.
    bed.execute("CREATE TABLE kept AS SELECT * FROM pc_deferred_charge").await;
    let nodes = [bed.portcullis.clone(), bed.node("b").await];
    for round in 0..2 {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..10 {
            let node = nodes[n % 2].clone();
            tasks.spawn(async move { charge_deferred(&node).await });
        }
        for done in tasks.join_all().await {
            done.unwrap();
        }
        assert_eq!(bed.number("SELECT COUNT(*) FROM pc_deferred_charge").await, 0, "{round}");
        assert_eq!(bed.number("SELECT available FROM pc_credit_account").await, 2, "{round}");
        bed.execute("INSERT INTO pc_deferred_charge SELECT * FROM kept").await;
    }
    assert_eq!(credits::reconcile(&bed.portcullis, &bed.owner).await.unwrap().differences, []);
}
