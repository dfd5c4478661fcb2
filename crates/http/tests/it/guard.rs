//! The guard over HTTP (spec `guard-request.md` §2.1), and what it decides by.

use portcullis::Cx;
use portcullis_types::GuardOutcome;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::wire::Wire;

/// A token with everything that a user may.
async fn token(bed: &Bed, user: &str) -> String {
    portcullis::token::mint(&bed.portcullis, &Cx::local("test"), user, 600).await.unwrap().token
}

/// Calls as a service that holds these permissions on `Portcullis:Guard`.
async fn service(bed: &Bed, name: &str, actions: &[&str]) -> Wire {
    let lines = actions
        .iter()
        .map(|action| json!({"action": action, "allow": true, "grant": false, "delegate": false}));
    let role = json!({"roleId": name, "name": name, "permissions": lines.collect::<Vec<_>>()});
    assert_eq!(bed.owner().send("POST", "/v1/roles", Some(role)).await.status, 201);
    let record = json!({"name": name, "users": [{"userId": name}],
        "statements": [{"roles": [name], "resources": [{"resourceUri": "Portcullis:Guard"}]}]});
    assert_eq!(bed.owner().send("POST", "/v1/records", Some(record)).await.status, 201);
    Wire { address: bed.address, bearer: Some(token(bed, name).await) }
}

/// Alice may read documents; reading is free, `doc.paid` costs 5.
async fn world(bed: &Bed) -> String {
    bed.grant("alice", "documents").await;
    for (name, more) in
        [("doc.read", json!({})), ("doc.paid", json!({"billing": {"base": 5, "mode": "reserve"}}))]
    {
        let mut new = json!({"operation": name, "permission": "read", "resource": "documents/{id}"});
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = bed.owner().send("POST", "/v1/operations", Some(new)).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
    token(bed, "alice").await
}

#[tokio::test]
async fn every_question_that_was_evaluated_is_200_and_has_the_five_keys() {
    let bed = Bed::start().await;
    let alice = world(&bed).await;
    let svc = service(&bed, "svc", &["guard:evaluate"]).await;
    let bob = token(&bed, "bob").await;
    for (token, operation, code, status) in [
        (alice.as_str(), json!("doc.read"), Value::Null, 200),
        (&alice, Value::Null, Value::Null, 200),
        (&bob, json!("doc.read"), json!("permission_denied"), 403),
        (&alice, json!("unheard.of"), json!("operation_unknown"), 403),
        (&alice, json!("doc.paid"), json!("credits_insufficient"), 402),
        ("", json!("doc.read"), json!("token_missing"), 401),
        ("x.y.z", json!("doc.read"), json!("token_malformed"), 401),
    ] {
        let body = json!({"token": token, "operation": operation, "resource": {"id": "1"}});
        let answer = svc.send("POST", "/v1/guard", Some(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let outcome = answer.json();
        for key in ["isAuthenticated", "context", "isAuthorized", "hasSufficientCredits", "error"] {
            assert!(outcome.get(key).is_some(), "{key} of {operation}");
        }
        let found = (&outcome["errorCode"], &outcome["statusCode"], &outcome["allowed"]);
        assert_eq!(found, (&code, &json!(status), &json!(status == 200)), "{outcome}");
        assert_eq!(outcome["context"].is_null(), status == 401, "a refusal still says who it is");
        let typed: GuardOutcome = serde_json::from_str(&answer.text()).unwrap();
        assert_eq!(
            serde_json::to_string(&typed).unwrap(),
            answer.text(),
            "a context written before is in its place"
        );
        assert!(!answer.body.windows(20).any(|part| alice.as_bytes().windows(20).any(|of| of == part)));
    }
}

#[tokio::test]
async fn az_01_only_a_service_that_may_evaluate_asks() {
    let bed = Bed::start().await;
    let alice = world(&bed).await;
    let other = service(&bed, "other", &["guard:explain"]).await;
    let one = json!({"token": alice, "operation": "doc.read"});
    for (path, body) in [("/v1/guard", one.clone()), ("/v1/guard/batch", json!({"evaluations": [one]}))] {
        let anonymous = bed.nobody().send("POST", path, Some(body.clone())).await;
        assert_eq!(anonymous.status, 401, "{path}");
        assert!(anonymous.header("www-authenticate").unwrap().starts_with("Bearer"));
        assert_eq!(other.send("POST", path, Some(body.clone())).await.status, 403, "{path}");
        let end_user = Wire { address: bed.address, bearer: Some(alice.clone()) };
        assert_eq!(end_user.send("POST", path, Some(body)).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn what_only_the_service_can_have_got_wrong_is_400_by_its_field() {
    let bed = Bed::start().await;
    let alice = world(&bed).await;
    let svc = service(&bed, "svc", &["guard:evaluate"]).await;
    for (operation, resource, field) in [
        ("Create Document", json!({}), "operation"),
        ("", json!({}), "operation"),
        ("doc.read", json!({"id": "a/b"}), "resource.id"),
        ("doc.read", json!({"id": "*"}), "resource.id"),
        ("doc.read", json!({"type": "a/b"}), "resource.type"),
    ] {
        let one = json!({"token": alice, "operation": operation, "resource": resource});
        let refused = svc.send("POST", "/v1/guard", Some(one.clone())).await;
        assert_eq!((refused.status, refused.field().as_str()), (400, field), "{operation} {resource}");
        let good = json!({"token": alice, "operation": "doc.read"});
        let refused = svc.send("POST", "/v1/guard/batch", Some(json!({"evaluations": [good, one]}))).await;
        let field = format!("evaluations[1].{field}");
        assert_eq!((refused.status, refused.field()), (400, field), "{operation} {resource}");
    }
    for count in [0, 51] {
        let one = json!({"token": alice, "operation": "doc.read"});
        let body = json!({"evaluations": vec![one; count]});
        let refused = svc.send("POST", "/v1/guard/batch", Some(body)).await;
        assert_eq!((refused.status, refused.field().as_str()), (400, "evaluations"), "{count}");
    }
}

#[tokio::test]
async fn a_batch_ends_as_its_semantics_say() {
    let bed = Bed::start().await;
    let alice = world(&bed).await;
    let svc = service(&bed, "svc", &["guard:evaluate"]).await;
    let one = |operation: &str| json!({"token": alice, "operation": operation, "resource": {"id": "1"}});
    let (yes, no) = (one("doc.read"), one("unheard.of"));
    for (semantic, evaluations, expected) in [
        (Value::Null, json!([yes, no, yes]), [true, false, true].as_slice()),
        (json!("execute_all"), json!([no, yes]), &[false, true]),
        (json!("deny_on_first_deny"), json!([yes, no, yes]), &[true, false]),
        (json!("permit_on_first_permit"), json!([no, yes, no]), &[false, true]),
    ] {
        let mut body = json!({"evaluations": evaluations});
        if !semantic.is_null() {
            body["evaluationsSemantic"] = semantic.clone();
        }
        let answer = svc.send("POST", "/v1/guard/batch", Some(body)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let answered = answer.json();
        let allowed: Vec<bool> =
            answered["evaluations"].as_array().unwrap().iter().map(|one| one["allowed"] == true).collect();
        assert_eq!(allowed, expected, "{semantic}");
    }
}

#[tokio::test]
async fn reasons_skipping_and_foreign_wallets_each_take_a_permission() {
    let bed = Bed::start().await;
    let alice = world(&bed).await;
    let grant = json!({"amount": 100});
    for wallet in ["alice", "org_x"] {
        let path = format!("/v1/credits/accounts/{wallet}/grants");
        assert_eq!(bed.owner().send("POST", &path, Some(grant.clone())).await.status, 201);
    }
    let plain = service(&bed, "plain", &["guard:evaluate"]).await;
    let trusted = ["guard:evaluate", "guard:explain", "guard:skip_billing", "guard:any_account"];
    let trusted = service(&bed, "trusted", &trusted).await;
    for (service, trusted) in [(&plain, false), (&trusted, true)] {
        let asked = async |operation: &str, billing: Value| {
            let body = json!({"token": alice, "operation": operation, "resource": {"id": "1"}, "metadata": {"billing": billing}});
            service.send("POST", "/v1/guard", Some(body)).await.json()
        };
        let read = asked("doc.read", Value::Null).await;
        assert_eq!(read["decision"]["reasonAdmin"].is_string(), trusted, "{read}");
        for billing in [json!({"mode": "skip"}), json!({"billingAccountId": "org_x"})] {
            let outcome = asked("doc.paid", billing.clone()).await;
            assert_eq!(outcome["allowed"], trusted, "{billing} {outcome}");
            if !trusted {
                assert_eq!(outcome["errorCode"], "invalid_request");
                assert!(outcome["billing"].is_null(), "nothing of another's wallet is told: {outcome}");
            }
        }
        assert_eq!(asked("doc.paid", Value::Null).await["allowed"], true, "one's own wallet");
    }
    let wallet = bed.owner().get("/v1/credits/accounts/org_x").await.json();
    assert_eq!(wallet["balances"][0]["held"], 5, "only the trusted service's");
}

#[tokio::test]
async fn what_the_guard_decides_by_is_made_shown_changed_listed_and_deleted() {
    let bed = Bed::start().await;
    let owner = bed.owner();
    let policy = json!({"policyId": "pol_1", "name": "p", "effect": "deny", "permission": "read", "resource": "documents"});
    let over = json!({"overrideId": "ovr_1", "userId": "bob", "effect": "deny", "permission": "read", "resource": "documents"});
    for (collection, id, body) in [
        ("operations", "doc.read", json!({"operation": "doc.read", "permission": "read"})),
        ("policies", "pol_1", policy),
        ("overrides", "ovr_1", over),
    ] {
        let (all, one) = (format!("/v1/{collection}"), format!("/v1/{collection}/{id}"));
        let made = owner.send("POST", &all, Some(body.clone())).await;
        assert_eq!(made.status, 201, "{made:?}");
        assert_eq!(owner.send("POST", &all, Some(body.clone())).await.status, 409, "{collection}");
        assert_eq!(owner.get(&one).await.json(), made.json(), "{collection}");
        let listed = owner.get(&all).await.json();
        assert_eq!(listed[collection].as_array().unwrap().len(), 1, "{listed}");
        let mut changed = body.clone();
        changed["permission"] = json!("update");
        let answer = owner.send("PUT", &one, Some(changed)).await;
        assert_eq!(
            (answer.status, answer.json()["permission"].clone()),
            (200, json!("update")),
            "{answer:?}"
        );
        let mut wrong = body.clone();
        wrong["permission"] = json!("");
        let refused = owner.send("PUT", &one, Some(wrong)).await;
        assert_eq!((refused.status, refused.field().as_str()), (400, "permission"), "{collection}");
        let stranger = bed.user("mallory").await;
        assert_eq!(stranger.get(&one).await.status, 404, "{collection}");
        assert_eq!(stranger.send("DELETE", &one, None).await.status, 404, "{collection}");
        assert_eq!(stranger.send("POST", &all, Some(body)).await.status, 403, "{collection}");
        assert_eq!(owner.send("DELETE", &one, None).await.status, 204, "{collection}");
        assert_eq!(owner.get(&one).await.status, 404, "{collection}");
    }
}
