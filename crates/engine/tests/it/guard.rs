//! The guard (spec `guard-request.md` §8): what it answers, by which path, and that no outage is a yes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use portcullis::guard::{
    ContextProvider, CreditLedger, Decided, DecisionQuestion, Entitled, EntitlementQuestion, Entitlements,
    GuardContext, LedgerRefusal, PolicyDecision, PriceQuestion, Priced, TokenVerifier, Wanted,
};
use portcullis::{Bearer, Portcullis, TokenFacts, operation, policy, role, user_override};
use portcullis_types::guard::{DecisionPath, GuardResource, HeldCredits, SessionContext};
use portcullis_types::operation::OperationBody;
use portcullis_types::{
    AuthError, BoxFuture, Caller, Guard as _, GuardCode, GuardOutcome, GuardRequest, MicroCredits,
    SettleError,
};
use serde_json::{Map, Value, json};

use crate::bed::{Bed, on_both, settings, within_a_second};
use crate::make::{body, give, group, group_record, role as make_role};

on_both!(
    the_five_keys_are_there_and_a_bad_token_is_no_error,
    claims_cannot_change_what_comes_from_our_data,
    an_operation_counts_at_once_and_on_the_other_node,
    an_operation_by_convention_takes_a_permission_that_a_role_names,
    az_04_a_role_that_is_taken_away_denies_the_next_request,
    roles_relations_and_own_things_each_allow_by_their_path,
    policies_and_overrides_decide_in_their_turn,
    break_glass_takes_a_strong_and_recent_sign_in,
    a_resource_of_another_tenant_is_denied_even_to_its_owner,
    scopes_statements_and_strength_cap_what_the_user_may,
    nobody_who_may_not_learns_or_holds_anything,
    az_12_who_asks_for_a_user_gets_the_user_s_rights_and_not_their_own,
    az_05_no_outage_of_any_stage_is_a_yes,
    az_05_an_operation_that_fails_open_is_charged_once_afterwards,
    az_10_an_override_or_a_policy_gives_nobody_more_than_its_maker_could,
    break_glass_is_in_the_audit_trail_each_time,
);

fn op(name: &str, more: Value) -> OperationBody {
    let mut value = json!({"operation": name, "permission": "document:create", "resource": "documents/{id}"});
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body(value)
}

async fn register(bed: &Bed, name: &str, more: Value) {
    operation::create(&bed.portcullis, &bed.owner, op(name, more)).await.unwrap();
}

fn document(id: &str) -> GuardResource {
    GuardResource { id: Some(id.to_owned()), ..GuardResource::default() }
}

async fn ask(node: &Portcullis, token: &str, name: &str, resource: &GuardResource) -> GuardOutcome {
    let outcome =
        node.check(GuardRequest { resource: Some(resource), ..GuardRequest::new(token, name) }).await;
    assert_eq!(outcome.allowed, outcome.is_allowed(), "{outcome:?}");
    outcome
}

async fn token(bed: &Bed, user: &str) -> String {
    bed.mint(user).await.token.clone()
}

fn path(outcome: &GuardOutcome) -> DecisionPath {
    outcome.decision.as_ref().unwrap_or_else(|| panic!("{outcome:?}")).path
}

/// Alice may create documents.
async fn world(bed: &Bed) -> String {
    make_role(&bed.portcullis, &bed.owner, "writer", &[("document:create", "a")]).await;
    give(&bed.portcullis, &bed.owner, "rec", "alice", (&["writer"], &["documents"])).await;
    token(bed, "alice").await
}

async fn the_five_keys_are_there_and_a_bad_token_is_no_error(bed: Bed) {
    let alice = world(&bed).await;
    for (bad, code) in [
        ("", "token_missing"),
        ("x", "token_malformed"),
        ("a.b.c", "token_malformed"),
        (&alice[..9], "token_malformed"),
    ] {
        let outcome = bed.portcullis.check(GuardRequest::new(bad, "create_document")).await;
        let value = serde_json::to_value(&outcome).unwrap();
        for key in ["isAuthenticated", "context", "isAuthorized", "hasSufficientCredits", "error"] {
            assert!(value.get(key).is_some(), "{key}");
        }
        assert_eq!((&value["isAuthenticated"], &value["context"]), (&json!(false), &Value::Null));
        assert_eq!(value["errorCode"], code, "{bad}");
        assert!(!value["error"].as_str().unwrap().is_empty() && !outcome.allowed);
    }
    let who = bed.portcullis.check(GuardRequest::who(&alice)).await;
    assert!(who.is_allowed() && who.is_authorized.is_none());
    let context = who.context.unwrap();
    assert_eq!(context.subject(), Some("alice"));
    assert!(context.organization.is_none() && context.tenant.is_none(), "no membership is no error");
    bed.clock.forward(3_700);
    let late = bed.portcullis.check(GuardRequest::who(&alice)).await;
    assert_eq!(late.error_code, Some(GuardCode::TokenExpired));
}

async fn claims_cannot_change_what_comes_from_our_data(bed: Bed) {
    world(&bed).await;
    let claims = json!({"sub": "alice", "user": {"id": "root"}, "tenant": {"id": "t"}, "organization": 1,
        "roles": ["admin"], "custom": 7, "_fake": true});
    let node = with(&bed, |stages| {
        let Value::Object(claims) = claims else { unreachable!() };
        stages.verifier = Arc::new(Signed { claims, ..Signed::of("alice") });
    })
    .await;
    let outcome = node.check(GuardRequest::who("t")).await;
    let context = serde_json::to_value(outcome.context.unwrap()).unwrap();
    assert_eq!(context["user"]["id"], "alice");
    assert_eq!(context["user"]["roles"], json!([]), "roles are what is stored here");
    assert!(context["tenant"].is_null() && context["organization"].is_null());
    assert_eq!((&context["claims"]["user"]["id"], &context["custom"]), (&json!("root"), &json!(7)));
    assert!(context.get("_fake").is_none());
}

async fn an_operation_counts_at_once_and_on_the_other_node(bed: Bed) {
    let alice = world(&bed).await;
    let other = bed.node("b").await;
    let nodes = [&bed.portcullis, &other];
    for node in nodes {
        let unknown = ask(node, &alice, "do.it", &document("1")).await;
        assert_eq!(unknown.error_code, Some(GuardCode::OperationUnknown));
        assert_eq!(unknown.is_authorized, Some(false));
        assert_eq!(unknown.context.unwrap().subject(), Some("alice"), "the context is told all the same");
    }
    register(&bed, "do.it", json!({})).await;
    let allowed = async |node: &Portcullis| ask(node, &alice, "do.it", &document("1")).await.allowed;
    assert!(allowed(&bed.portcullis).await, "at once");
    within_a_second("a registered operation", async || allowed(&other).await).await;
    let off = op("do.it", json!({"enabled": false}));
    let changed = operation::update(&other, &bed.owner, "do.it", off, None).await.unwrap();
    assert_eq!(changed.version, 2);
    assert!(!allowed(&other).await);
    within_a_second("switched off", async || !allowed(&bed.portcullis).await).await;
    operation::delete(&other, &bed.owner, "do.it").await.unwrap();
    let code = async || ask(&bed.portcullis, &alice, "do.it", &document("1")).await.error_code;
    within_a_second("deleted", async || code().await == Some(GuardCode::OperationUnknown)).await;
}

async fn an_operation_by_convention_takes_a_permission_that_a_role_names(bed: Bed) {
    world(&bed).await;
    give(&bed.portcullis, &bed.owner, "rec_2", "alice", (&["writer"], &["document"])).await;
    let alice = token(&bed, "alice").await;
    for name in ["create_document", "add_document", "document:create"] {
        let outcome = ask(&bed.portcullis, &alice, name, &document("1")).await;
        assert!(outcome.allowed, "{name}: {outcome:?}");
    }
    for name in ["read_document", "create_invoice", "document", "Create_document", "create document"] {
        let outcome = ask(&bed.portcullis, &alice, name, &document("1")).await;
        assert_eq!(outcome.error_code, Some(GuardCode::OperationUnknown), "{name}");
    }
}

async fn az_04_a_role_that_is_taken_away_denies_the_next_request(bed: Bed) {
    let alice = world(&bed).await;
    register(&bed, "do.it", json!({})).await;
    let other = bed.node("b").await;
    let roles =
        |outcome: &GuardOutcome| outcome.context.as_ref().unwrap().user.as_ref().unwrap().roles.clone();
    give(&bed.portcullis, &bed.owner, "all", "alice", (&["writer"], &["*"])).await;
    for node in [&bed.portcullis, &other] {
        within_a_second("roles", async || {
            let outcome = ask(node, &alice, "do.it", &document("1")).await;
            outcome.allowed && roles(&outcome) == ["writer"]
        })
        .await;
    }
    role::delete(&bed.portcullis, &bed.owner, "writer").await.unwrap();
    let now = ask(&bed.portcullis, &alice, "do.it", &document("1")).await;
    assert_eq!((now.error_code, roles(&now).len()), (Some(GuardCode::PermissionDenied), 0));
    within_a_second("the other node", async || {
        let outcome = ask(&other, &alice, "do.it", &document("1")).await;
        !outcome.allowed && roles(&outcome).is_empty()
    })
    .await;
}

async fn roles_relations_and_own_things_each_allow_by_their_path(bed: Bed) {
    use DecisionPath as P;
    let owner = &bed.owner;
    let alice = world(&bed).await;
    register(&bed, "do.it", json!({"resourceType": "document"})).await;
    register(&bed, "my.own", json!({"scopeLevel": "self"})).await;
    let node = bed.portcullis.clone();
    let on =
        async |token: &str, name: &str, resource: &GuardResource| ask(&node, token, name, resource).await;

    // 10, 7, 8: nothing, a role of one's own, a role through a group.
    let bob = token(&bed, "bob").await;
    let nothing = on(&bob, "do.it", &document("1")).await;
    assert_eq!((path(&nothing), nothing.error_code), (P::NoMatch, Some(GuardCode::PermissionDenied)));
    let by_role = on(&alice, "do.it", &document("1")).await;
    assert_eq!(path(&by_role), P::RoleAllow);
    assert_eq!(by_role.decision.unwrap().role.as_deref(), Some("writer"));
    portcullis::record::create(&node, owner, group_record("through", "grp_w", &["writer"], &["documents/7"]))
        .await
        .unwrap();
    group(&node, owner, "grp_w", &["bob"]).await;
    let related = on(&bob, "do.it", &document("7")).await;
    assert_eq!((path(&related), related.allowed), (P::RelationAllow, true));

    // 6: one's own thing, whoever may what.
    let own = GuardResource { owner: Some("bob".to_owned()), ..document("9") };
    assert_eq!(path(&on(&bob, "my.own", &own).await), P::Owner);
    assert_eq!(path(&on(&bob, "my.own", &document("bob")).await), P::Owner);
    let of_alice = GuardResource { owner: Some("alice".to_owned()), ..document("bob") };
    assert_eq!(path(&on(&bob, "my.own", &of_alice).await), P::NoMatch);
    assert_eq!(path(&on(&bob, "do.it", &own).await), P::NoMatch, "not self-scoped");
}

async fn policies_and_overrides_decide_in_their_turn(bed: Bed) {
    use DecisionPath as P;
    let owner = &bed.owner;
    let alice = world(&bed).await;
    register(&bed, "do.it", json!({"resourceType": "document"})).await;
    register(&bed, "my.own", json!({"scopeLevel": "self"})).await;
    let node = bed.portcullis.clone();
    let on =
        async |token: &str, name: &str, resource: &GuardResource| ask(&node, token, name, resource).await;
    let bob = token(&bed, "bob").await;
    let own = GuardResource { owner: Some("bob".to_owned()), ..document("9") };
    portcullis::record::create(&node, owner, group_record("through", "grp_w", &["writer"], &["documents/7"]))
        .await
        .unwrap();
    group(&node, owner, "grp_w", &["bob"]).await;

    // 9: an attribute policy.
    let public = json!({"policyId": "pol_a", "name": "a", "effect": "allow", "permission": "document", "resource": "documents",
        "conditions": [{"attribute": "resource.attributes.public", "operator": "eq", "value": true}]});
    policy::create(&node, owner, body(public)).await.unwrap();
    let mut shown = document("1");
    shown.attributes.insert("public".to_owned(), json!(true));
    let by_policy = on(&bob, "do.it", &shown).await;
    assert_eq!(
        (path(&by_policy), by_policy.decision.unwrap().policy_id.as_deref()),
        (P::PolicyAllow, Some("pol_a"))
    );
    assert_eq!(path(&on(&bob, "do.it", &document("1")).await), P::NoMatch);

    // 5: a grant that ends by itself.
    let until = node.now().plus_secs(60);
    let timed = json!({"overrideId": "ovr_a", "userId": "bob", "effect": "allow", "permission": "document:create",
        "resource": "documents/5", "expiresAt": until});
    user_override::create(&node, owner, body(timed)).await.unwrap();
    assert_eq!(path(&on(&bob, "do.it", &document("5")).await), P::OverrideAllow);
    bed.clock.forward(60);
    assert_eq!(path(&on(&bob, "do.it", &document("5")).await), P::NoMatch, "its time is over");

    // 3: a deny goes before every yes but none of 1 and 2.
    let denied = json!({"overrideId": "ovr_d", "userId": "bob", "effect": "deny", "permission": "document", "resource": "*"});
    user_override::create(&node, owner, body(denied)).await.unwrap();
    for (name, resource) in [("do.it", &document("7")), ("do.it", &shown), ("my.own", &own)] {
        assert_eq!(path(&on(&bob, name, resource).await), P::ExplicitDeny, "{name}");
    }
    let rule = json!({"policyId": "pol_d", "name": "d", "effect": "deny", "permission": "document:create", "resource": "documents",
        "conditions": [{"attribute": "subject.id", "operator": "in", "value": ["alice"]}]});
    policy::create(&node, owner, body(rule)).await.unwrap();
    assert_eq!(path(&on(&alice, "do.it", &document("1")).await), P::ExplicitDeny);

    // 1: another tenant's goes before all.
    let foreign = GuardResource { tenant: Some("t2".to_owned()), ..document("1") };
    let mismatch = on(&bob, "do.it", &foreign).await;
    assert_eq!((path(&mismatch), mismatch.error_code), (P::TenantMismatch, Some(GuardCode::TenantMismatch)));
}

async fn break_glass_takes_a_strong_and_recent_sign_in(bed: Bed) {
    use DecisionPath as P;
    let (node, owner) = (bed.portcullis.clone(), &bed.owner);
    register(&bed, "do.it", json!({})).await;

    // 4: break-glass, with a strong and recent sign-in only.
    make_role(&node, owner, "breaker", &[("portcullis:break-glass", "a")]).await;
    give(&node, owner, "rec_glass", "carl", (&["breaker"], &["Portcullis:BreakGlass"])).await;
    for (amr, secs, expected) in [
        ("mfa", 0, P::SuperAdmin),
        ("otp", -900, P::SuperAdmin),
        ("mfa", -901, P::NoMatch),
        ("pwd", 0, P::NoMatch),
    ] {
        let node = with(&bed, |stages| {
            stages.verifier = Arc::new(Signed::at("carl", amr, node.now().plus_secs(secs)))
        })
        .await;
        let outcome = ask(&node, "t", "do.it", &document("1")).await;
        assert_eq!((path(&outcome), outcome.allowed), (expected, expected == P::SuperAdmin), "{amr} {secs}");
    }
}

async fn a_resource_of_another_tenant_is_denied_even_to_its_owner(bed: Bed) {
    register(&bed, "my.own", json!({"scopeLevel": "self"})).await;
    give(&bed.portcullis, &bed.owner, "all", "alice", (&["Authress:Owner"], &["*"])).await;
    let alice = token(&bed, "alice").await;
    for resource in [
        GuardResource { tenant: Some("t2".to_owned()), owner: Some("alice".to_owned()), ..document("1") },
        GuardResource {
            organization: Some("o2".to_owned()),
            owner: Some("alice".to_owned()),
            ..document("1")
        },
        GuardResource { tenant: Some("t2".to_owned()), shared_with: vec!["t3".to_owned()], ..document("1") },
    ] {
        let outcome = ask(&bed.portcullis, &alice, "my.own", &resource).await;
        assert_eq!(path(&outcome), DecisionPath::TenantMismatch, "{resource:?}");
        assert_eq!((outcome.allowed, outcome.status_code), (false, 403));
    }
    for id in ["a/b", "*", "..", "a*", "%2e", ""] {
        let outcome = ask(&bed.portcullis, &alice, "my.own", &document(id)).await;
        let is_name = id == "..";
        assert_eq!(outcome.allowed, is_name, "{id:?} is one segment or nothing");
    }
}

async fn scopes_statements_and_strength_cap_what_the_user_may(bed: Bed) {
    world(&bed).await;
    register(&bed, "do.it", json!({})).await;
    register(&bed, "scoped.it", json!({"requiredScopes": ["docs.write", "docs"]})).await;
    register(&bed, "strong.it", json!({"mfa": true, "maxAuthAge": 60})).await;
    let now = bed.portcullis.now();
    let scoped = async |scopes: &[&str], name: &str| {
        let scopes = Some(scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let node =
            with(&bed, |stages| stages.verifier = Arc::new(Signed { scopes, ..Signed::of("alice") })).await;
        ask(&node, "t", name, &document("1")).await.error_code
    };
    assert_eq!(scoped(&["document"], "do.it").await, None);
    assert_eq!(scoped(&["document:read", "openid"], "do.it").await, Some(GuardCode::InsufficientScope));
    assert_eq!(scoped(&[], "do.it").await, Some(GuardCode::InsufficientScope));
    assert_eq!(scoped(&["docs.write", "docs"], "scoped.it").await, None);
    assert_eq!(scoped(&["docs.write", "document"], "scoped.it").await, Some(GuardCode::InsufficientScope));
    for (amr, secs, allowed) in [("otp", -60, true), ("otp", -61, false), ("pwd", 0, false)] {
        let verifier = Signed::at("alice", amr, now.plus_secs(secs));
        let node = with(&bed, |stages| stages.verifier = Arc::new(verifier)).await;
        let outcome = ask(&node, "t", "strong.it", &document("1")).await;
        assert_eq!(outcome.allowed, allowed, "{amr} {secs}");
        if !allowed {
            assert_eq!((outcome.error_code, outcome.status_code), (Some(GuardCode::MfaRequired), 401));
            assert_eq!(outcome.details["maxAge"], 60);
        }
    }
    let request =
        body(json!({"statements": [{"roles": ["writer"], "resources": [{"resourceUri": "documents/2"}]}]}));
    let limited =
        portcullis::token::create(&bed.portcullis, &bed.owner, "alice", request).await.unwrap().token;
    assert!(ask(&bed.portcullis, &limited, "do.it", &document("2")).await.allowed);
    let beyond = ask(&bed.portcullis, &limited, "do.it", &document("1")).await;
    assert_eq!((path(&beyond), beyond.allowed), (DecisionPath::NoMatch, false));
}

async fn nobody_who_may_not_learns_or_holds_anything(bed: Bed) {
    world(&bed).await;
    register(&bed, "do.it", json!({"billing": {"base": 5}})).await;
    let ledger = Arc::new(Counting::default());
    let node = with(&bed, |stages| {
        stages.ledger = Arc::<Counting>::clone(&ledger);
        stages.verifier = Arc::new(Signed::of("bob"));
    })
    .await;
    let metadata = json!({"billing": {"mode": "charge", "billingAccountId": "alice"}});
    let document = document("1");
    let request = GuardRequest {
        resource: Some(&document),
        metadata: metadata.as_object(),
        ..GuardRequest::new("t", "do.it")
    };
    let outcome = node.check(request).await;
    assert_eq!(outcome.error_code, Some(GuardCode::PermissionDenied));
    assert!(outcome.billing.is_none() && outcome.has_sufficient_credits.is_none());
    assert_eq!(ledger.asked.load(Ordering::SeqCst), 0, "the ledger was not even asked");
}

async fn az_12_who_asks_for_a_user_gets_the_user_s_rights_and_not_their_own(bed: Bed) {
    let alice = world(&bed).await;
    register(&bed, "do.it", json!({})).await;
    let bob = token(&bed, "bob").await;
    // The owner may do everything, and asks for both.
    let asked = async |token: &str| {
        let question = body(json!({"token": token, "operation": "do.it", "resource": {"id": "1"}}));
        portcullis::guard::ask(&bed.portcullis, &bed.owner, &question).await.unwrap()
    };
    assert!(asked(&alice).await.allowed);
    let refused = asked(&bob).await;
    assert_eq!((path(&refused), refused.allowed), (DecisionPath::NoMatch, false));
}

/// Every kind of operation that a stage may be asked about.
const KINDS: [(&str, &str); 6] = [
    ("plain", "{}"),
    ("priced", r#"{"billing": {"base": 5}}"#),
    ("charged", r#"{"billing": {"base": 5, "mode": "charge"}}"#),
    ("checked", r#"{"billing": {"base": 5, "mode": "check"}}"#),
    ("featured", r#"{"feature": "f", "needsSeat": true, "billing": {"base": 5}}"#),
    ("open", r#"{"billing": {"base": 5}, "failMode": "open"}"#),
];

async fn az_05_no_outage_of_any_stage_is_a_yes(bed: Bed) {
    world(&bed).await;
    for (name, more) in KINDS {
        register(&bed, name, serde_json::from_str(more).unwrap()).await;
    }
    let asked = async |set: &dyn Fn(&mut portcullis::guard::Stages), name: &str| {
        let node = with(&bed, |stages| {
            stages.verifier = Arc::new(Signed::of("alice"));
            stages.entitlements = Arc::new(Fine);
            stages.ledger = Arc::new(Counting::default());
            set(stages);
        })
        .await;
        ask(&node, "t", name, &document("1")).await
    };
    for (name, _) in KINDS {
        assert!(asked(&|_| {}, name).await.allowed, "{name}: with every stage up");
        let verifier = asked(&|stages| stages.verifier = Arc::new(Down), name).await;
        assert_eq!(verifier.error_code, Some(GuardCode::VerificationUnavailable), "{name}");
        let context = asked(&|stages| stages.context = Arc::new(Down), name).await;
        assert_eq!(context.error_code, Some(GuardCode::ContextUnavailable), "{name}");
        assert!(context.context.is_none() && !context.is_authenticated);
        let decision = asked(&|stages| stages.decision = Arc::new(Down), name).await;
        assert_eq!(decision.error_code, Some(GuardCode::DecisionUnavailable), "{name}");
        assert_eq!(decision.is_authorized, Some(false));
        for outcome in [verifier, context, decision] {
            assert!(!outcome.allowed && outcome.status_code == 503 && outcome.billing.is_none(), "{name}");
        }
        let billing: [&dyn Fn(&mut portcullis::guard::Stages); 2] =
            [&|stages| stages.entitlements = Arc::new(Down), &|stages| stages.ledger = Arc::new(Down)];
        for (down, set) in ["entitlements", "ledger"].iter().zip(billing) {
            let outcome = asked(set, name).await;
            let concerned = match name {
                "plain" => false,
                "featured" => true,
                _ => *down == "ledger",
            };
            if !concerned || name == "open" {
                assert!(outcome.allowed, "{name} does not need {down}, or goes on without it");
            } else {
                assert_eq!(outcome.error_code, Some(GuardCode::BillingUnavailable), "{name} {down}");
                assert_eq!((outcome.allowed, outcome.status_code), (false, 503));
                assert_eq!(outcome.has_sufficient_credits, Some(false));
            }
        }
    }
}

async fn az_05_an_operation_that_fails_open_is_charged_once_afterwards(bed: Bed) {
    world(&bed).await;
    register(&bed, "open", json!({"billing": {"base": 5, "perUnit": 2}, "failMode": "open"})).await;
    let ledger = Arc::new(Counting::default());
    ledger.down.store(true, Ordering::SeqCst);
    let node = with(&bed, |stages| {
        stages.verifier = Arc::new(Signed::of("alice"));
        stages.ledger = Arc::<Counting>::clone(&ledger);
    })
    .await;
    let metadata = json!({"billing": {"units": 3, "idempotencyKey": "k"}});
    let document = document("1");
    let request = GuardRequest {
        resource: Some(&document),
        metadata: metadata.as_object(),
        ..GuardRequest::new("t", "open")
    };
    for _ in 0..2 {
        let outcome = node.check(request).await;
        assert!(outcome.allowed && outcome.details["deferred"] == true, "{outcome:?}");
        assert_eq!(outcome.billing.unwrap().required, MicroCredits(11));
    }
    let waiting = async || bed.number("SELECT COUNT(*) FROM pc_deferred_charge").await;
    assert_eq!(waiting().await, 1, "the same request waits once");
    assert_eq!(portcullis::guard::charge_deferred(&node).await.unwrap(), 0, "still down");
    assert_eq!(waiting().await, 1);
    ledger.down.store(false, Ordering::SeqCst);
    bed.clock.forward(10);
    assert_eq!(portcullis::guard::charge_deferred(&node).await.unwrap(), 1);
    assert_eq!(portcullis::guard::charge_deferred(&node).await.unwrap(), 0);
    assert_eq!((waiting().await, ledger.taken.load(Ordering::SeqCst)), (0, 11));
}

async fn az_10_an_override_or_a_policy_gives_nobody_more_than_its_maker_could(bed: Bed) {
    let node = &bed.portcullis;
    let managing: &[(&str, &str)] = &[("CREATE", "a"), ("READ", "a"), ("UPDATE", "a"), ("DELETE", "a")];
    make_role(node, &bed.owner, "manager", managing).await;
    let managed = ["Portcullis:Overrides", "Portcullis:Policies", "Portcullis:Operations"];
    give(node, &bed.owner, "rec_m", "mallory", (&["manager"], &managed)).await;
    let mallory = crate::bed::user("mallory");
    let allow = |id: &str| json!({"overrideId": id, "userId": "mallory", "effect": "allow", "permission": "*", "resource": "*"});
    let refused = user_override::create(node, &mallory, body(allow("ovr_1"))).await;
    assert!(matches!(refused, Err(portcullis::Error::Forbidden { .. })), "{refused:?}");
    let rule = json!({"name": "p", "effect": "allow", "permission": "*", "resource": "*"});
    let refused = policy::create(node, &mallory, body(rule)).await;
    assert!(matches!(refused, Err(portcullis::Error::Forbidden { .. })), "{refused:?}");
    let mut deny = allow("ovr_2");
    deny["effect"] = json!("deny");
    user_override::create(node, &bed.owner, body(deny)).await.unwrap();
    let lifted = user_override::delete(node, &mallory, "ovr_2").await;
    assert!(matches!(lifted, Err(portcullis::Error::Forbidden { .. })), "a deny is not lifted either");
    let nobody = crate::bed::user("nobody");
    let hidden = user_override::show(node, &nobody, "ovr_2").await;
    assert!(matches!(hidden, Err(portcullis::Error::NotFound(_))), "{hidden:?}");
    user_override::create(node, &bed.owner, body(allow("ovr_3"))).await.unwrap();
    let changed = user_override::update(node, &mallory, "ovr_3", body(allow("ovr_3")), None).await;
    assert!(matches!(changed, Err(portcullis::Error::Forbidden { .. })), "{changed:?}");
}

async fn break_glass_is_in_the_audit_trail_each_time(bed: Bed) {
    world(&bed).await;
    let node = &bed.portcullis;
    register(&bed, "do.it", json!({"permission": "document:delete"})).await;
    register(&bed, "noted.it", json!({"auditLevel": "trail"})).await;
    make_role(node, &bed.owner, "breaker", &[("portcullis:break-glass", "a")]).await;
    give(node, &bed.owner, "rec_glass", "carl", (&["breaker"], &["Portcullis:BreakGlass"])).await;
    let carl =
        with(&bed, |stages| stages.verifier = Arc::new(Signed::at("carl", "mfa", bed.portcullis.now())))
            .await;
    let alice = with(&bed, |stages| stages.verifier = Arc::new(Signed::of("alice"))).await;
    for _ in 0..2 {
        assert!(ask(&carl, "t", "do.it", &document("1")).await.allowed);
        assert!(!ask(&alice, "t", "do.it", &document("1")).await.allowed);
        assert!(ask(&alice, "t", "noted.it", &document("1")).await.allowed);
    }
    let rows = async |action: &str| {
        bed.number(&format!("SELECT COUNT(*) FROM pc_audit WHERE action = '{action}'")).await
    };
    assert_eq!((rows("guard.break_glass").await, rows("guard.allowed").await), (2, 2));
    let denied = bed.number("SELECT COUNT(*) FROM pc_audit WHERE target = 'do.it' AND actor = 'alice'").await;
    assert_eq!(denied, 0, "refusals go to the log");
}

/// A node with other stages, on the same database.
pub(crate) async fn with(bed: &Bed, set: impl FnOnce(&mut portcullis::guard::Stages)) -> Portcullis {
    let mut settings = settings(&bed.clock, "stages", 77);
    set(&mut settings.stages);
    Portcullis::start(Arc::clone(&bed.store), settings).await.unwrap()
}

/// Takes every token for this user's.
#[derive(Clone)]
struct Signed {
    user: String,
    claims: Map<String, Value>,
    scopes: Option<Vec<String>>,
    session: Option<SessionContext>,
}

impl Signed {
    fn of(user: &str) -> Self {
        Self { user: user.to_owned(), claims: Map::new(), scopes: None, session: None }
    }

    fn at(user: &str, amr: &str, auth_time: portcullis_types::Timestamp) -> Self {
        let session = SessionContext { id: "s".to_owned(), auth_time, amr: vec![amr.to_owned()] };
        Self { session: Some(session), ..Self::of(user) }
    }
}

impl TokenVerifier for Signed {
    fn verify<'a>(&'a self, node: &'a Portcullis, _: &'a str) -> BoxFuture<'a, Result<Bearer, AuthError>> {
        let mut facts = TokenFacts::bare(node.now().plus_secs(600));
        facts.claims = self.claims.clone();
        facts.scopes = self.scopes.clone();
        facts.session = self.session.clone();
        let caller = Caller::User { user_id: self.user.as_str().into(), limited_by: None, session_id: None };
        Box::pin(std::future::ready(Ok(Bearer { caller, facts: Arc::new(facts) })))
    }
}

/// A stage that does not answer.
pub(crate) struct Down;

fn down<T: Send + 'static>() -> BoxFuture<'static, portcullis::Result<T>> {
    Box::pin(std::future::ready(Err(portcullis::Error::Internal("down".into()))))
}

impl TokenVerifier for Down {
    fn verify<'a>(&'a self, _: &'a Portcullis, _: &'a str) -> BoxFuture<'a, Result<Bearer, AuthError>> {
        Box::pin(std::future::ready(Err(AuthError::Unavailable)))
    }
}

impl ContextProvider for Down {
    fn context<'a>(
        &'a self,
        _: &'a Portcullis,
        _: &'a Bearer,
        _: Wanted<'a>,
    ) -> BoxFuture<'a, portcullis::Result<Arc<GuardContext>>> {
        down()
    }
}

impl PolicyDecision for Down {
    fn decide<'a>(
        &'a self,
        _: &'a Portcullis,
        _: DecisionQuestion<'a>,
    ) -> BoxFuture<'a, portcullis::Result<Decided>> {
        down()
    }
}

impl Entitlements for Down {
    fn entitled<'a>(
        &'a self,
        _: &'a Portcullis,
        _: EntitlementQuestion<'a>,
    ) -> BoxFuture<'a, portcullis::Result<Entitled>> {
        down()
    }

    fn consume<'a>(
        &'a self,
        _: &'a Portcullis,
        _: EntitlementQuestion<'a>,
        _: &'a str,
        _: &'a str,
    ) -> BoxFuture<'a, portcullis::Result<Entitled>> {
        down()
    }
}

impl CreditLedger for Down {
    fn available<'a>(
        &'a self,
        _: &'a Portcullis,
        _: &'a PriceQuestion,
    ) -> BoxFuture<'a, portcullis::Result<MicroCredits>> {
        down()
    }
    fn reserve<'a>(
        &'a self,
        _: &'a Portcullis,
        _: &'a PriceQuestion,
    ) -> BoxFuture<'a, portcullis::Result<Result<Priced, LedgerRefusal>>> {
        down()
    }
    fn charge<'a>(
        &'a self,
        _: &'a Portcullis,
        _: &'a PriceQuestion,
    ) -> BoxFuture<'a, portcullis::Result<Result<Priced, LedgerRefusal>>> {
        down()
    }
    fn commit<'a>(
        &'a self,
        _: &'a Portcullis,
        _: &'a str,
        _: Option<MicroCredits>,
    ) -> BoxFuture<'a, Result<MicroCredits, SettleError>> {
        Box::pin(std::future::ready(Err(SettleError::Unavailable)))
    }
    fn release<'a>(&'a self, _: &'a Portcullis, _: &'a str) -> BoxFuture<'a, Result<(), SettleError>> {
        Box::pin(std::future::ready(Err(SettleError::Unavailable)))
    }
}

/// Includes everything.
struct Fine;

impl Entitlements for Fine {
    fn entitled<'a>(
        &'a self,
        _: &'a Portcullis,
        _: EntitlementQuestion<'a>,
    ) -> BoxFuture<'a, portcullis::Result<Entitled>> {
        Box::pin(std::future::ready(Ok(Entitled::Yes)))
    }

    fn consume<'a>(
        &'a self,
        _: &'a Portcullis,
        _: EntitlementQuestion<'a>,
        _: &'a str,
        _: &'a str,
    ) -> BoxFuture<'a, portcullis::Result<Entitled>> {
        Box::pin(std::future::ready(Ok(Entitled::Yes)))
    }
}

/// A ledger that counts, and can be switched off.
#[derive(Default)]
struct Counting {
    down: AtomicBool,
    asked: AtomicUsize,
    taken: std::sync::atomic::AtomicI64,
}

impl Counting {
    fn answer<T: Send + 'static>(&self, answer: T) -> BoxFuture<'static, portcullis::Result<T>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.down.load(Ordering::SeqCst) { down() } else { Box::pin(std::future::ready(Ok(answer))) }
    }
}

impl CreditLedger for Counting {
    fn available<'a>(
        &'a self,
        _: &'a Portcullis,
        _: &'a PriceQuestion,
    ) -> BoxFuture<'a, portcullis::Result<MicroCredits>> {
        self.answer(MicroCredits(1_000))
    }
    fn reserve<'a>(
        &'a self,
        node: &'a Portcullis,
        question: &'a PriceQuestion,
    ) -> BoxFuture<'a, portcullis::Result<Result<Priced, LedgerRefusal>>> {
        let expires_at = node.now().plus_secs(question.ttl_seconds);
        let held = Some(HeldCredits { id: "rsv_1".to_owned(), amount: question.amount, expires_at });
        self.answer(Ok(Priced { held, overage: false }))
    }
    fn charge<'a>(
        &'a self,
        _: &'a Portcullis,
        question: &'a PriceQuestion,
    ) -> BoxFuture<'a, portcullis::Result<Result<Priced, LedgerRefusal>>> {
        if !self.down.load(Ordering::SeqCst) {
            self.taken.fetch_add(question.amount.0, Ordering::SeqCst);
        }
        self.answer(Ok(Priced { held: None, overage: false }))
    }
    fn commit<'a>(
        &'a self,
        _: &'a Portcullis,
        _: &'a str,
        amount: Option<MicroCredits>,
    ) -> BoxFuture<'a, Result<MicroCredits, SettleError>> {
        Box::pin(std::future::ready(Ok(amount.unwrap_or_default())))
    }
    fn release<'a>(&'a self, _: &'a Portcullis, _: &'a str) -> BoxFuture<'a, Result<(), SettleError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}
