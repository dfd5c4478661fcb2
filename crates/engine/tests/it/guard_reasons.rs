//! What the guard tells administrators: why, without asking storage again, and never what held before a change.

use portcullis::{guard, operation, record};
use portcullis_types::GuardOutcome;
use portcullis_types::guard::GuardBody;
use serde_json::json;

use crate::bed::{Bed, on_both, within_a_second};
use crate::make::{body, configure, give, group, group_record, role};

on_both!(
    a_reason_is_read_once_and_told_again_from_memory,
    a_reason_is_read_anew_after_whatever_it_depends_on_changed,
    a_change_on_another_node_is_told_here_within_a_second,
);

/// Alice may read documents by the record `rec`.
async fn world(bed: &Bed) -> [String; 2] {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    role(node, owner, "reader", &[("document:read", "a")]).await;
    give(node, owner, "rec", "alice", (&["reader"], &["documents"])).await;
    let read = json!({"operation": "doc.read", "permission": "document:read", "resource": "documents/{id}"});
    operation::create(node, owner, body(read)).await.unwrap();
    [bed.mint("alice").await.token.clone(), bed.mint("bob").await.token.clone()]
}

/// What the owner, who may ask for reasons, is told about one document.
async fn told(bed: &Bed, node: &portcullis::Portcullis, token: &str) -> GuardOutcome {
    let asked: GuardBody = body(json!({"token": token, "operation": "doc.read", "resource": {"id": "1"}}));
    guard::ask(node, &bed.owner, &asked).await.unwrap()
}

fn why(outcome: &GuardOutcome) -> (String, Option<&str>) {
    let decision = outcome.decision.as_ref().unwrap_or_else(|| panic!("{outcome:?}"));
    (decision.reason_admin.clone().unwrap(), decision.policy_id.as_deref())
}

async fn a_reason_is_read_once_and_told_again_from_memory(bed: Bed) {
    let [alice, bob] = world(&bed).await;
    let (yes, no) = (told(&bed, &bed.portcullis, &alice).await, told(&bed, &bed.portcullis, &bob).await);
    let (sentence, record_id) = why(&yes);
    assert!(yes.allowed && !no.allowed);
    assert_eq!(record_id, Some("rec"));
    assert_eq!(
        sentence,
        "document:read on documents/1: record rec, statement 0, gives role reader on documents"
    );
    assert!(why(&no).0.ends_with("access records give the permission here, but to other principals"));
    // Nobody hears of this: whoever read storage now would tell something else.
    bed.execute("DELETE FROM pc_grant_resource").await;
    assert_eq!(why(&told(&bed, &bed.portcullis, &alice).await), why(&yes));
    assert_eq!(why(&told(&bed, &bed.portcullis, &bob).await), why(&no));
    let other = GuardBody { operation: None, ..body(json!({"token": alice})) };
    assert!(guard::ask(&bed.portcullis, &bed.owner, &other).await.unwrap().decision.is_none());
}

async fn a_reason_is_read_anew_after_whatever_it_depends_on_changed(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let [alice, bob] = world(&bed).await;
    let of = async |token: &str| {
        let outcome = told(&bed, node, token).await;
        let (sentence, record_id) = why(&outcome);
        (sentence, record_id.map(str::to_owned))
    };
    let others =
        "document:read on documents/1: access records give the permission here, but to other principals";
    assert_eq!(of(&alice).await.1.as_deref(), Some("rec"));
    assert_eq!(of(&bob).await, (others.to_owned(), None));
    record::delete(node, owner, "rec").await.unwrap();
    assert!(of(&alice).await.0.ends_with("the access record that gave the permission here was deleted"));
    // A group, then its members.
    record::create(node, owner, group_record("through", "grp_r", &["reader"], &["documents/1"]))
        .await
        .unwrap();
    assert_eq!(of(&bob).await.0, others);
    group(node, owner, "grp_r", &["bob"]).await;
    let (sentence, record_id) = of(&bob).await;
    assert!(sentence.ends_with("on documents/1 to group grp_r"), "{sentence}");
    assert_eq!(record_id.as_deref(), Some("through"));
    // One's own comes first.
    give(node, owner, "own", "bob", (&["reader"], &["documents"])).await;
    assert_eq!(of(&bob).await.1.as_deref(), Some("own"));
    // What a role means.
    portcullis::role::delete(node, owner, "reader").await.unwrap();
    assert!(of(&bob).await.0.ends_with("but no role of theirs allows the permission"));
    // What is public.
    configure(node, owner, "documents", "PUBLIC", true).await;
    assert!(of(&alice).await.0.ends_with("documents is configured PUBLIC"), "{:?}", of(&alice).await);
    assert!(of(&bob).await.0.ends_with("documents is configured PUBLIC"));
}

async fn a_change_on_another_node_is_told_here_within_a_second(bed: Bed) {
    let [alice, _] = world(&bed).await;
    let other = bed.node("b").await;
    assert_eq!(why(&told(&bed, &other, &alice).await).1, Some("rec"));
    give(&bed.portcullis, &bed.owner, "second", "alice", (&["reader"], &["documents"])).await;
    record::delete(&bed.portcullis, &bed.owner, "rec").await.unwrap();
    within_a_second("the other record", async || why(&told(&bed, &other, &alice).await).1 == Some("second"))
        .await;
}
