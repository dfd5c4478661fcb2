//! The guard asked with access tokens of applications: whose rights count, which scopes, which product, which tenant
//! (spec `guard-request.md` §1.3, §4; TK-08, AZ-12).

use portcullis::session::Device;
use portcullis::{
    Portcullis, member, oauth, operation, organization, plan, policy, product, subscription, tenant,
};
use portcullis_types::guard::GuardResource;
use portcullis_types::{Guard as _, GuardCode, GuardOutcome, GuardRequest};
use serde_json::{Value, json};

use crate::bed::{Bed, URL, on_both, within_a_second};
use crate::make::{body, give, role as make_role};
use crate::oauth_bed::{API, App, access, app, revoke, token};
use crate::sessions::person;

on_both!(
    a_user_s_rights_count_as_far_as_the_scopes_of_the_token_go,
    an_application_without_a_person_has_its_own_rights_and_nobody_else_s,
    the_application_says_the_product_whatever_the_request_says,
    az_02_the_tenant_is_one_of_the_user_s_not_of_the_application_s,
    tk_08_a_token_for_somebody_else_or_one_that_was_given_up_opens_nothing,
);

/// Mia is a member of acme, in t1 alone; the application web may ask for rights on documents.
async fn world(bed: &Bed) -> App {
    let node = &bed.portcullis;
    person(bed, "mia").await;
    for (id, tenants) in [("acme", ["t1", "t2"].as_slice()), ("bcme", &["u1"])] {
        let new = json!({"organizationId": id, "name": id, "owner": "olga"});
        organization::create(node, &bed.owner, body(new)).await.unwrap();
        for tenant in tenants {
            let new = json!({"tenantId": tenant, "name": tenant});
            tenant::create(node, &bed.owner, id, body(new)).await.unwrap();
        }
    }
    let own = json!({"tenants": [{"tenantId": "t1", "roles": ["MEMBER"]}]});
    member::put(node, &bed.owner, "acme", "mia", body(own)).await.unwrap();
    register(bed, "document.create", json!({})).await;
    // One in no organization: an application without a person is a member of none.
    let new =
        json!({"operation": "document.write", "permission": "document:create", "resource": "documents/{id}"});
    operation::create(node, &bed.owner, body(new)).await.unwrap();
    product::create(node, &bed.owner, body(json!({"productId": "app", "name": "App"}))).await.unwrap();
    let scopes = ["openid", "document", "document:read", "docs.write"];
    app(bed, "web", json!({"productId": "app", "scopes": scopes})).await
}

async fn register(bed: &Bed, name: &str, more: Value) {
    let mut new = json!({"operation": name, "permission": "document:create", "resourceType": "documents"});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    operation::create(&bed.portcullis, &bed.owner, body(new)).await.unwrap();
}

/// What mia gave the application.
async fn of_mia(node: &Portcullis, web: &App, resource: &str, scope: &str) -> String {
    let wanted = oauth::Access { resource: Some(resource.to_owned()), ..access(web, "mia", scope) };
    oauth::grant_access(node, Device::default(), wanted).await.unwrap().access_token.into_inner()
}

/// What the application has for itself.
async fn of_itself(node: &Portcullis, web: &App, resource: &str, scope: &str) -> String {
    let pairs = [("grant_type", "client_credentials"), ("resource", resource), ("scope", scope)];
    token(node, web, &pairs).await.unwrap().access_token.into_inner()
}

async fn ask(node: &Portcullis, token: &str, name: &str, metadata: Value) -> GuardOutcome {
    let document = GuardResource { id: Some("1".to_owned()), ..GuardResource::default() };
    let request = GuardRequest {
        resource: Some(&document),
        metadata: metadata.as_object(),
        ..GuardRequest::new(token, name)
    };
    let outcome = node.check(request).await;
    assert_eq!(outcome.allowed, outcome.is_allowed(), "{outcome:?}");
    outcome
}

async fn a_user_s_rights_count_as_far_as_the_scopes_of_the_token_go(bed: Bed) {
    let (node, web) = (&bed.portcullis, world(&bed).await);
    register(&bed, "scoped.it", json!({"requiredScopes": ["docs.write", "document"]})).await;
    for (scope, plain, scoped) in [
        ("openid document", true, false),
        ("document docs.write", true, true),
        ("docs.write", false, false),
        ("openid document:read", false, false),
        ("", false, false),
    ] {
        let token = of_mia(node, &web, URL, scope).await;
        for (name, allowed) in [("document.create", plain), ("scoped.it", scoped)] {
            let outcome = ask(node, &token, name, json!({})).await;
            let refused = (!allowed).then_some(GuardCode::InsufficientScope);
            assert_eq!((outcome.allowed, outcome.error_code), (allowed, refused), "{scope}: {name}");
        }
    }
    let outcome = ask(node, &of_mia(node, &web, URL, "document").await, "document.create", json!({})).await;
    let context = outcome.context.unwrap();
    assert_eq!(&*context.user.as_ref().unwrap().id, "mia");
    assert_eq!(context.session.as_ref().unwrap().amr, ["pwd"]);
    // The application's own rights are not the user's.
    make_role(node, &bed.owner, "writer", &[("document:create", "a")]).await;
    give(node, &bed.owner, "rec", "web", (&["writer"], &["documents"])).await;
    person(&bed, "eve").await;
    let wanted = oauth::Access { resource: Some(URL.to_owned()), ..access(&web, "eve", "document") };
    let eve = oauth::grant_access(node, Device::default(), wanted).await.unwrap();
    let outcome = ask(node, eve.access_token.expose(), "document.create", json!({})).await;
    assert_eq!(outcome.error_code, Some(GuardCode::PermissionDenied));
}

async fn an_application_without_a_person_has_its_own_rights_and_nobody_else_s(bed: Bed) {
    let (node, web) = (&bed.portcullis, world(&bed).await);
    let scoped = json!({"operation": "scoped.it", "permission": "document:create", "resource": "documents/{id}",
        "requiredScopes": ["docs.write"]});
    operation::create(node, &bed.owner, body(scoped)).await.unwrap();
    let whole = of_itself(node, &web, URL, "document docs.write").await;
    let refused = ask(node, &whole, "document.write", json!({})).await;
    assert_eq!(refused.error_code, Some(GuardCode::PermissionDenied));
    make_role(node, &bed.owner, "writer", &[("document:create", "a")]).await;
    give(node, &bed.owner, "rec", "web", (&["writer"], &["documents"])).await;
    let outcome = ask(node, &whole, "document.write", json!({})).await;
    assert!(outcome.allowed, "{outcome:?}");
    let context = outcome.context.unwrap();
    assert_eq!(&*context.client.as_ref().unwrap().id, "web");
    assert!(context.user.is_none() && context.session.is_none() && context.tenant.is_none());
    assert!(ask(node, &whole, "scoped.it", json!({})).await.allowed);
    for (scope, name) in [("document", "scoped.it"), ("document:read", "document.write")] {
        let outcome = ask(node, &of_itself(node, &web, URL, scope).await, name, json!({})).await;
        assert_eq!(outcome.error_code, Some(GuardCode::InsufficientScope), "{scope}");
    }
}

async fn the_application_says_the_product_whatever_the_request_says(bed: Bed) {
    let (node, web) = (&bed.portcullis, world(&bed).await);
    let other = app(&bed, "other", json!({"scopes": ["document"]})).await;
    for id in ["app", "second"] {
        if id != "app" {
            product::create(node, &bed.owner, body(json!({"productId": id, "name": id}))).await.unwrap();
        }
        let new = json!({"planId": format!("p-{id}"), "name": "P", "rank": 1});
        plan::create(node, &bed.owner, id, body(new)).await.unwrap();
        let new = json!({"planId": format!("p-{id}"), "productId": id});
        subscription::create(node, &bed.owner, "acme", body(new)).await.unwrap();
    }
    let rule = json!({"policyId": "pol_app", "name": "P", "effect": "deny", "permission": "document:create",
        "resource": "*", "conditions": [{"attribute": "context.product", "operator": "ne", "value": "app"}]});
    policy::create(node, &bed.owner, body(rule)).await.unwrap();
    for (application, hint, allowed) in [
        (&web, json!({}), true),
        (&web, json!({"product_id": "second"}), true),
        (&other, json!({"product_id": "app"}), true),
        (&other, json!({"product_id": "second"}), false),
        // Of no product nothing is said, so that the rule does not reach it.
        (&other, json!({}), true),
    ] {
        let token = of_mia(node, application, URL, "document").await;
        let outcome = ask(node, &token, "document.create", hint.clone()).await;
        assert_eq!(outcome.allowed, allowed, "{} {hint} {outcome:?}", application.id);
    }
}

async fn az_02_the_tenant_is_one_of_the_user_s_not_of_the_application_s(bed: Bed) {
    let (node, web) = (&bed.portcullis, world(&bed).await);
    let token = of_mia(node, &web, URL, "document").await;
    let outcome = ask(node, &token, "document.create", json!({})).await;
    let context = outcome.context.as_ref().unwrap();
    assert_eq!((outcome.allowed, context.tenant.as_ref().unwrap().id.as_str()), (true, "t1"));
    for hint in [json!({"tenant_id": "t2"}), json!({"tenant_id": "u1"}), json!({"organization_id": "bcme"})] {
        let outcome = ask(node, &token, "document.create", hint.clone()).await;
        assert_eq!(outcome.error_code, Some(GuardCode::TenantMismatch), "{hint}");
    }
    let own = of_itself(node, &web, URL, "document").await;
    for hint in [json!({"tenant_id": "t1"}), json!({"organization_id": "acme"})] {
        let outcome = ask(node, &own, "document.create", hint.clone()).await;
        assert!(!outcome.allowed, "{hint} {outcome:?}");
    }
}

async fn tk_08_a_token_for_somebody_else_or_one_that_was_given_up_opens_nothing(bed: Bed) {
    let (here, web) = (&bed.portcullis, world(&bed).await);
    let there = &bed.node("b").await;
    make_role(here, &bed.owner, "writer", &[("document:create", "a")]).await;
    give(here, &bed.owner, "rec", "web", (&["writer"], &["documents"])).await;
    let userinfo = format!("{URL}/oauth2/userinfo");
    for resource in [API, userinfo.as_str()] {
        for token in [
            of_mia(here, &web, resource, "document").await,
            of_itself(here, &web, resource, "document").await,
        ] {
            let outcome = ask(here, &token, "document.create", json!({})).await;
            assert_eq!(
                (outcome.error_code, outcome.status_code),
                (Some(GuardCode::TokenInvalid), 401),
                "{resource}"
            );
        }
    }
    for (token, name) in [
        (of_mia(here, &web, URL, "document").await, "document.create"),
        (of_itself(here, &web, URL, "document").await, "document.write"),
    ] {
        for node in [here, there] {
            assert!(ask(node, &token, name, json!({})).await.allowed, "{name}");
        }
        revoke(here, &web, &token).await;
        let outcome = ask(here, &token, name, json!({})).await;
        assert_eq!((outcome.error_code, outcome.status_code), (Some(GuardCode::TokenRevoked), 401));
        within_a_second("the other node hears of it", async || {
            !ask(there, &token, name, json!({})).await.allowed
        })
        .await;
    }
}
