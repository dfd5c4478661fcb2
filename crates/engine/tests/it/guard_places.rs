//! The guard in organizations, with subscriptions and credits (spec `guard-request.md` §4, §5, §8): no stage is replaced.

use portcullis::{Portcullis, member, operation, organization, plan, product, subscription, tenant};
use portcullis_types::guard::{DecisionPath, GuardResource};
use portcullis_types::{Guard as _, GuardCode, GuardOutcome, GuardRequest, MicroCredits, SettleError};
use serde_json::{Value, json};

use crate::bed::{Bed, on_both, user, within_a_second};
use crate::make::body;

on_both!(
    a_suspended_organization_or_tenant_denies_by_its_path,
    which_tenant_is_asked_only_where_there_are_several,
    az_02_a_resource_of_another_tenant_is_denied_even_to_an_owner,
    each_refusal_of_subscription_and_credits_has_its_code_and_the_five_keys,
    what_is_reserved_is_held_until_it_is_committed_or_released,
    whoever_may_not_holds_nothing_and_sees_no_balance,
    az_04_roles_in_the_context_follow_the_memberships,
    a_metered_feature_counts_what_is_let_through_and_no_more,
    a_key_of_a_hold_that_is_over_pays_for_nothing_more,
);

/// The organization acme with the tenants t1 and t2, the owner olga, mia who works in both, tim in t2, vic who only reads; and
/// bcme with u1, which mia belongs to only where a test says so.
async fn world(bed: &Bed) {
    let node = &bed.portcullis;
    for (id, owner, tenants) in [("acme", "olga", ["t1", "t2"].as_slice()), ("bcme", "bob", &["u1"])] {
        let new = json!({"organizationId": id, "name": id, "owner": owner});
        organization::create(node, &bed.owner, body(new)).await.unwrap();
        for tenant in tenants {
            let new = json!({"tenantId": tenant, "name": tenant, "region": "eu-1"});
            tenant::create(node, &bed.owner, id, body(new)).await.unwrap();
        }
    }
    join(bed, "acme", "mia", json!({"roles": ["MEMBER"]})).await;
    join(bed, "acme", "vic", json!({"roles": ["VIEWER"]})).await;
    join(bed, "acme", "tim", json!({"tenants": [{"tenantId": "t2", "roles": ["MEMBER"]}]})).await;
    register(bed, "document.create", json!({})).await;
}

async fn join(bed: &Bed, organization: &str, who: &str, member: Value) {
    member::put(&bed.portcullis, &bed.owner, organization, who, body(member)).await.unwrap();
}

async fn register(bed: &Bed, name: &str, more: Value) {
    let mut new = json!({"operation": name, "permission": "document:create", "resourceType": "documents"});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    operation::create(&bed.portcullis, &bed.owner, body(new)).await.unwrap();
}

/// A plan of the product app with these features, and a subscription of acme to it.
async fn subscribe(bed: &Bed, features: Value, more: Value) -> String {
    let node = &bed.portcullis;
    let _exists = product::create(node, &bed.owner, body(json!({"productId": "app", "name": "App"}))).await;
    let name = format!("p{}", bed.number("SELECT COUNT(*) FROM pc_plan").await);
    let new = json!({"planId": name, "name": name, "rank": 1, "features": features});
    plan::create(node, &bed.owner, "app", body(new)).await.unwrap();
    let mut new = json!({"planId": name});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    subscription::create(node, &bed.owner, "acme", body(new)).await.unwrap().subscription_id
}

async fn give_credits(bed: &Bed, amount: i64) {
    let grant = body(json!({"amount": amount}));
    portcullis::credits::grant(&bed.portcullis, &bed.owner, "acme", grant).await.unwrap();
}

async fn available_and_held(bed: &Bed) -> (i64, i64) {
    let mut account = portcullis::credits::balance(&bed.portcullis, &bed.owner, "acme").await.unwrap();
    let balance = account.balances.remove(0);
    (balance.available.0, balance.held.0)
}

async fn reservations(bed: &Bed) -> i64 {
    bed.number("SELECT COUNT(*) FROM pc_credit_reservation").await
}

async fn token(bed: &Bed, who: &str) -> String {
    bed.mint(who).await.token.clone()
}

async fn ask_about(
    node: &Portcullis,
    token: &str,
    name: &str,
    (resource, metadata): (&GuardResource, Value),
) -> GuardOutcome {
    let request = GuardRequest {
        resource: Some(resource),
        metadata: metadata.as_object(),
        ..GuardRequest::new(token, name)
    };
    let outcome = node.check(request).await;
    assert_eq!(outcome.allowed, outcome.is_allowed(), "{outcome:?}");
    outcome
}

async fn ask(node: &Portcullis, token: &str, name: &str, metadata: Value) -> GuardOutcome {
    let document = GuardResource { id: Some("1".to_owned()), ..GuardResource::default() };
    ask_about(node, token, name, (&document, metadata)).await
}

fn path(outcome: &GuardOutcome) -> DecisionPath {
    outcome.decision.as_ref().unwrap_or_else(|| panic!("{outcome:?}")).path
}

async fn a_suspended_organization_or_tenant_denies_by_its_path(bed: Bed) {
    world(&bed).await;
    let node = &bed.portcullis;
    let mia = token(&bed, "mia").await;
    let asked = async |tenant: &str| ask(node, &mia, "document.create", json!({"tenant_id": tenant})).await;
    assert!(asked("t1").await.allowed && asked("t2").await.allowed);
    tenant::suspend(node, &bed.owner, "acme", "t1").await.unwrap();
    let refused = asked("t1").await;
    assert_eq!(
        (path(&refused), refused.error_code),
        (DecisionPath::Suspended, Some(GuardCode::TenantSuspended))
    );
    assert_eq!((refused.status_code, refused.is_authorized), (403, Some(false)));
    assert!(asked("t2").await.allowed, "the other one goes on");
    tenant::resume(node, &bed.owner, "acme", "t1").await.unwrap();
    assert!(asked("t1").await.allowed);
    organization::suspend(node, &bed.owner, "acme").await.unwrap();
    for tenant in ["t1", "t2"] {
        let refused = asked(tenant).await;
        assert_eq!(refused.error_code, Some(GuardCode::TenantSuspended), "{tenant}");
        assert_eq!(refused.context.unwrap().tenant.as_ref().unwrap().id, tenant, "the context is told");
    }
    let olga = token(&bed, "olga").await;
    let owner = ask(node, &olga, "document.create", json!({"tenant_id": "t1"})).await;
    assert_eq!(path(&owner), DecisionPath::Suspended, "also its owner");
}

async fn which_tenant_is_asked_only_where_there_are_several(bed: Bed) {
    world(&bed).await;
    let node = &bed.portcullis;
    let nobody = ask(node, &token(&bed, "nobody").await, "document.create", json!({})).await;
    assert_eq!(nobody.error_code, Some(GuardCode::PermissionDenied), "no membership is not ambiguous");
    let context = nobody.context.unwrap();
    assert!(context.organization.is_none() && context.tenant.is_none());

    let tim = token(&bed, "tim").await;
    let one = ask(node, &tim, "document.create", json!({})).await;
    assert!(one.allowed, "{one:?}");
    let context = one.context.unwrap();
    let (of, at) = (context.organization.as_ref().unwrap(), context.tenant.as_ref().unwrap());
    assert_eq!((of.id.as_str(), at.id.as_str(), at.region.as_deref()), ("acme", "t2", Some("eu-1")));

    let mia = token(&bed, "mia").await;
    let ambiguous = ask(node, &mia, "document.create", json!({})).await;
    assert_eq!(ambiguous.error_code, Some(GuardCode::TenantAmbiguous), "two tenants");
    join(&bed, "bcme", "tim", json!({"roles": ["MEMBER"]})).await;
    let ambiguous = ask(node, &tim, "document.create", json!({})).await;
    assert_eq!(
        (ambiguous.error_code, ambiguous.is_authorized, ambiguous.status_code),
        (Some(GuardCode::TenantAmbiguous), Some(false), 403),
        "two organizations"
    );
    for (hint, tenant) in [
        (json!({"tenant_id": "u1"}), "u1"),
        (json!({"organization_id": "bcme"}), "u1"),
        (json!({"organization_id": "acme"}), "t2"),
    ] {
        let named = ask(node, &tim, "document.create", hint.clone()).await;
        assert!(named.allowed, "{hint} {named:?}");
        assert_eq!(named.context.unwrap().tenant.as_ref().unwrap().id, tenant, "{hint}");
    }
    let foreign = ask(node, &tim, "document.create", json!({"tenant_id": "t1"})).await;
    assert_eq!(foreign.error_code, Some(GuardCode::TenantMismatch), "not a tenant of tim's");
}

async fn az_02_a_resource_of_another_tenant_is_denied_even_to_an_owner(bed: Bed) {
    world(&bed).await;
    let node = &bed.portcullis;
    let olga = token(&bed, "olga").await;
    let own = GuardResource { id: Some("1".to_owned()), ..GuardResource::default() };
    let at = |tenant: &str| GuardResource { tenant: Some(tenant.to_owned()), ..own.clone() };
    let in_t1 = json!({"tenant_id": "t1"});
    for (resource, allowed) in [(own.clone(), true), (at("t1"), true), (at("t2"), false), (at("u1"), false)] {
        let outcome = ask_about(node, &olga, "document.create", (&resource, in_t1.clone())).await;
        assert_eq!(outcome.allowed, allowed, "{resource:?}");
        if !allowed {
            let found = (path(&outcome), outcome.error_code, outcome.is_authorized);
            let expected = (DecisionPath::TenantMismatch, Some(GuardCode::TenantMismatch), Some(false));
            assert_eq!(found, expected, "{resource:?}");
        }
    }
    for hint in [json!({"tenant_id": "u1"}), json!({"organization_id": "bcme"}), json!({"tenant_id": "none"})]
    {
        let outcome = ask(node, &olga, "document.create", hint.clone()).await;
        assert_eq!(outcome.error_code, Some(GuardCode::TenantMismatch), "{hint}");
    }
    let shared = GuardResource { shared_with: vec!["t1".to_owned()], ..at("t2") };
    let outcome = ask_about(node, &olga, "document.create", (&shared, in_t1)).await;
    assert_ne!(path(&outcome), DecisionPath::TenantMismatch, "what is shared is not foreign");
}

async fn each_refusal_of_subscription_and_credits_has_its_code_and_the_five_keys(bed: Bed) {
    world(&bed).await;
    register(&bed, "featured", json!({"feature": "export"})).await;
    register(&bed, "seated", json!({"needsSeat": true})).await;
    register(&bed, "metered", json!({"feature": "calls"})).await;
    register(&bed, "priced", json!({"billing": {"base": 5}})).await;
    let tim = token(&bed, "tim").await;
    let refused = async |name: &str, code: GuardCode, metadata: Value| {
        let outcome = ask(&bed.portcullis, &tim, name, metadata).await;
        assert_eq!((outcome.error_code, outcome.status_code), (Some(code), 402), "{name} {outcome:?}");
        let value = serde_json::to_value(&outcome).unwrap();
        for key in ["isAuthenticated", "isAuthorized"] {
            assert_eq!(value[key], true, "{name} {key}");
        }
        assert_eq!((&value["hasSufficientCredits"], &value["allowed"]), (&json!(false), &json!(false)));
        assert!(value["error"].is_string() && value["context"]["user"]["id"] == "tim", "{name}");
    };
    let nothing = || json!({});
    for name in ["featured", "seated", "metered"] {
        refused(name, GuardCode::SubscriptionRequired, nothing()).await;
    }
    refused("priced", GuardCode::CreditsInsufficient, nothing()).await;
    let late = json!({"status": "past_due", "startDate": "2020-01-01T00:00:00Z", "nextBillingDate": "2020-02-01T00:00:00Z"});
    subscribe(&bed, json!({"export": {"boolean": true}}), late).await;
    refused("featured", GuardCode::SubscriptionPastDue, nothing()).await;
    let metered = json!({"metered": {"allowance": 3, "limit": "hard"}});
    let features = json!({"export": {"boolean": false}, "calls": metered});
    let seats = subscribe(&bed, features, json!({"seatCount": 1})).await;
    refused("featured", GuardCode::PlanFeatureMissing, nothing()).await;
    refused("seated", GuardCode::SeatRequired, nothing()).await;
    let four = json!({"billing": {"units": 4, "mode": "check"}});
    refused("metered", GuardCode::QuotaExceeded, four).await;
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_usage_event").await, 0);

    subscription::assign_seat(&bed.portcullis, &bed.owner, ("acme", &seats), "tim").await.unwrap();
    subscribe(&bed, json!({"export": {"boolean": true}}), json!({})).await;
    give_credits(&bed, 5).await;
    for name in ["featured", "seated", "metered", "priced"] {
        let outcome = ask(&bed.portcullis, &tim, name, nothing()).await;
        assert!(outcome.allowed && outcome.has_sufficient_credits == Some(true), "{name} {outcome:?}");
    }
}

async fn what_is_reserved_is_held_until_it_is_committed_or_released(bed: Bed) {
    world(&bed).await;
    register(&bed, "priced", json!({"billing": {"base": 5, "perUnit": 2}})).await;
    register(&bed, "charged", json!({"billing": {"base": 5, "mode": "charge"}})).await;
    give_credits(&bed, 100).await;
    let node = &bed.portcullis;
    let tim = token(&bed, "tim").await;
    let units = json!({"billing": {"units": 3, "idempotencyKey": "k"}});
    let held = async |metadata: &Value| {
        let outcome = ask(node, &tim, "priced", metadata.clone()).await;
        outcome.billing.and_then(|billing| billing.reservation).unwrap()
    };
    let first = held(&units).await;
    assert_eq!((first.amount, available_and_held(&bed).await), (MicroCredits(11), (89, 11)));
    assert_eq!(held(&units).await.id, first.id, "the same key holds once");
    let other = json!({"billing": {"units": 4, "idempotencyKey": "k"}});
    let conflict = ask(node, &tim, "priced", other).await;
    assert_eq!((conflict.error_code, conflict.status_code), (Some(GuardCode::IdempotencyConflict), 409));
    assert_eq!(node.commit(&first.id, Some(MicroCredits(4))).await, Ok(MicroCredits(4)));
    assert_eq!(node.commit(&first.id, Some(MicroCredits(4))).await, Ok(MicroCredits(4)));
    assert_eq!(node.release(&first.id).await, Err(SettleError::Closed));
    assert_eq!(available_and_held(&bed).await, (96, 0));
    let second = held(&json!({})).await;
    node.release(&second.id).await.unwrap();
    node.release(&second.id).await.unwrap();
    assert_eq!(node.commit(&second.id, None).await, Err(SettleError::Closed));
    assert_eq!(available_and_held(&bed).await, (96, 0));
    let charged = ask(node, &tim, "charged", json!({})).await;
    assert!(charged.allowed && charged.billing.unwrap().reservation.is_none());
    assert_eq!(available_and_held(&bed).await, (91, 0));
    let checked = ask(node, &tim, "priced", json!({"billing": {"mode": "check", "units": 44}})).await;
    assert_eq!(checked.error_code, Some(GuardCode::CreditsInsufficient), "93 of 91");
    let checked = ask(node, &tim, "priced", json!({"billing": {"mode": "check", "units": 43}})).await;
    assert!(checked.allowed && available_and_held(&bed).await == (91, 0), "nothing is written");
}

async fn whoever_may_not_holds_nothing_and_sees_no_balance(bed: Bed) {
    world(&bed).await;
    register(&bed, "priced", json!({"billing": {"base": 5}})).await;
    give_credits(&bed, 3).await;
    let node = &bed.portcullis;
    let in_t2 = json!({"tenant_id": "t2"});
    for who in ["vic", "bob", "nobody"] {
        let outcome = ask(node, &token(&bed, who).await, "priced", in_t2.clone()).await;
        assert!(!outcome.allowed && outcome.has_sufficient_credits.is_none(), "{who}");
        assert!(outcome.billing.is_none() && outcome.details.is_empty(), "{who} {outcome:?}");
    }
    let available = async |who: &str| {
        let outcome = ask(node, &token(&bed, who).await, "priced", in_t2.clone()).await;
        assert_eq!(outcome.error_code, Some(GuardCode::CreditsInsufficient), "{who}");
        outcome.billing.unwrap().available
    };
    assert_eq!(available("tim").await, None, "a member may not read what is in the wallet");
    assert_eq!(available("olga").await, Some(MicroCredits(3)), "an owner may");
    assert_eq!((reservations(&bed).await, available_and_held(&bed).await), (0, (3, 0)));
}

async fn az_04_roles_in_the_context_follow_the_memberships(bed: Bed) {
    world(&bed).await;
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let tim = token(&bed, "tim").await;
    let seen = async |node: &Portcullis| {
        let outcome = ask(node, &tim, "document.create", json!({"tenant_id": "t2"})).await;
        let user = outcome.context.as_ref().unwrap().user.clone().unwrap();
        (outcome.allowed, user.roles)
    };
    let role = |name: &str| format!("organization:{name}");
    assert_eq!(seen(here).await, (true, vec![role("MEMBER")]));
    within_a_second("the other node", async || seen(there).await == (true, vec![role("MEMBER")])).await;
    for (name, allowed) in [("VIEWER", false), ("ADMIN", true)] {
        join(&bed, "acme", "tim", json!({"tenants": [{"tenantId": "t2", "roles": [name]}]})).await;
        assert_eq!(seen(here).await, (allowed, vec![role(name)]), "at once");
        within_a_second("a role", async || seen(there).await == (allowed, vec![role(name)])).await;
    }
    member::remove(here, &user("olga"), "acme", "tim").await.unwrap();
    let gone = ask(here, &tim, "document.create", json!({})).await;
    assert_eq!(gone.error_code, Some(GuardCode::PermissionDenied));
    assert!(gone.context.unwrap().organization.is_none());
    within_a_second("a removal", async || !seen(there).await.0).await;
}

async fn a_metered_feature_counts_what_is_let_through_and_no_more(bed: Bed) {
    world(&bed).await;
    let metered = json!({"metered": {"allowance": 5, "limit": "hard"}});
    let subscribed = subscribe(&bed, json!({"calls": metered}), json!({})).await;
    register(&bed, "metered", json!({"feature": "calls", "billing": {"base": 2}})).await;
    register(&bed, "taken", json!({"feature": "calls", "billing": {"base": 2, "mode": "charge"}})).await;
    give_credits(&bed, 100).await;
    let (node, tim) = (bed.portcullis.clone(), token(&bed, "tim").await);
    let used = async || {
        let report = subscription::usage(&node, &bed.owner, "acme", &subscribed).await.unwrap();
        report.usage[0].usage
    };
    let keyed = |key: &str, units: i64| json!({"billing": {"idempotencyKey": key, "units": units}});
    let checked = ask(&node, &tim, "metered", json!({"billing": {"mode": "check", "units": 5}})).await;
    assert!(checked.allowed && used().await == 0, "a check counts nothing");
    for _ in 0..2 {
        assert!(ask(&node, &tim, "taken", keyed("a", 1)).await.allowed);
        assert_eq!((used().await, available_and_held(&bed).await), (1, (98, 0)), "once for its key");
    }
    // Ten at once for the four that are left, and each that is let through holds its price.
    let asking = (0..10).map(|_| {
        let (node, tim) = (node.clone(), tim.clone());
        tokio::spawn(async move { ask(&node, &tim, "metered", json!({})).await })
    });
    let (mut through, mut exceeded) = (Vec::new(), 0);
    for asked in asking.collect::<Vec<_>>() {
        let outcome = asked.await.unwrap();
        if outcome.allowed {
            through.push(outcome.billing.unwrap().reservation.unwrap().id);
        } else {
            assert_eq!(outcome.error_code, Some(GuardCode::QuotaExceeded), "{outcome:?}");
            exceeded += 1;
        }
    }
    assert_eq!((through.len(), exceeded, used().await), (4, 6, 5));
    assert_eq!(available_and_held(&bed).await, (90, 8), "what was refused holds nothing");
    for id in &through {
        node.release(id).await.unwrap();
    }
    assert_eq!((used().await, available_and_held(&bed).await), (5, (98, 0)), "a use stays counted");
}

async fn a_key_of_a_hold_that_is_over_pays_for_nothing_more(bed: Bed) {
    world(&bed).await;
    register(&bed, "priced", json!({"billing": {"base": 5}})).await;
    give_credits(&bed, 100).await;
    let (node, tim) = (&bed.portcullis, token(&bed, "tim").await);
    let asked =
        async |key: &str| ask(node, &tim, "priced", json!({"billing": {"idempotencyKey": key}})).await;
    let held = |outcome: GuardOutcome| outcome.billing.unwrap().reservation.unwrap().id;
    let (taken, released) = (held(asked("taken").await), held(asked("released").await));
    asked("lapsed").await;
    node.commit(&taken, None).await.unwrap();
    node.release(&released).await.unwrap();
    bed.clock.forward(301);
    for key in ["taken", "released", "lapsed"] {
        let again = asked(key).await;
        assert_eq!((again.allowed, again.error_code), (false, Some(GuardCode::IdempotencyConflict)), "{key}");
    }
    assert!(asked("new").await.allowed);
}
