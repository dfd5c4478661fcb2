//! Organizations, products and subscriptions of a real server (spec `guard-request.md` §4).

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use portcullis_client::types::operation::OperationBody;
use portcullis_client::types::organization::{
    MemberBody, OrganizationBody, OrganizationStatus, TenantBody, TenantRoles,
};
use portcullis_client::types::plan::{Feature, LimitKind, MeteredFeature, PlanBody, ProductBody};
use portcullis_client::types::subscription::{SubscriptionBody, SubscriptionStatus, UsageEvent};
use portcullis_client::{Client, ListQuery};
use portcullis_testkit::TestServer;

/// Lists that are cut into pages of two.
fn two() -> ListQuery {
    ListQuery { limit: Some(2), ..ListQuery::default() }
}

fn filter(text: &str) -> ListQuery {
    ListQuery { filter: Some(text.to_owned()), ..ListQuery::default() }
}

async fn organization(client: &Client, id: &str) {
    let body = OrganizationBody {
        organization_id: Some(id.to_owned()),
        name: format!("Organization {id}"),
        owner: Some("olga".to_owned()),
        ..OrganizationBody::default()
    };
    let made = client.organizations().create(&body).await.unwrap();
    assert_eq!((made.organization_id.as_str(), made.status), (id, OrganizationStatus::Active));
}

fn member(role: &str) -> MemberBody {
    MemberBody { roles: vec![role.to_owned()], ..MemberBody::default() }
}

#[tokio::test]
async fn organizations_are_created_read_changed_suspended_listed_and_deleted() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    let organizations = client.organizations();
    for id in ["o1", "o2", "o3"] {
        organization(client, id).await;
    }
    let again =
        OrganizationBody { organization_id: Some("o1".into()), name: "x".into(), ..Default::default() };
    assert_eq!(organizations.create(&again).await.unwrap_err().status(), Some(409));
    let body = OrganizationBody { name: "Acme".to_owned(), ..OrganizationBody::default() };
    assert_eq!(organizations.update("o1", &body).await.unwrap().name, "Acme");
    assert_eq!(organizations.show("o1").await.unwrap().name, "Acme");
    let olga = client.with_token(&server.user_token("olga").await.unwrap());
    for _ in 0..2 {
        assert_eq!(organizations.suspend("o1").await.unwrap().status, OrganizationStatus::Suspended);
    }
    assert_eq!(olga.organizations().show("o1").await.unwrap().status, OrganizationStatus::Suspended);
    assert_eq!(organizations.resume("o1").await.unwrap().status, OrganizationStatus::Active);

    let page = organizations.list_page(&two(), None).await.unwrap();
    assert!(page.items.len() == 2 && page.next.is_some());
    let all: Vec<_> =
        organizations.list(two()).map_ok(|found| found.organization_id).try_collect().await.unwrap();
    assert_eq!(all, ["o1", "o2", "o3"]);
    let all: Vec<_> = olga.organizations().list(two()).try_collect().await.unwrap();
    assert_eq!(all.len(), 3, "a member sees theirs");
    let found = organizations.list_page(&filter("acme"), None).await.unwrap();
    assert_eq!(found.items.len(), 1, "{found:?}");
    organizations.delete("o3").await.unwrap();
    assert!(organizations.show("o3").await.unwrap_err().is_not_found());
    let eve = client.with_token(&server.user_token("eve").await.unwrap());
    assert!(eve.organizations().show("o1").await.unwrap_err().is_not_found());
    server.shutdown().await;
}

#[tokio::test]
async fn members_get_roles_and_tenants_belong_to_one_organization() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    organization(client, "o1").await;
    // Its owner manages it: no right of the installation is needed.
    let olga = client.with_token(&server.user_token("olga").await.unwrap());
    let organizations = olga.organizations();
    let mut tenants = Vec::new();
    for name in ["eu", "us", "ap"] {
        let body =
            TenantBody { name: name.to_owned(), region: Some(name.to_owned()), ..TenantBody::default() };
        let made = organizations.create_tenant("o1", &body).await.unwrap();
        assert_eq!(organizations.tenant("o1", &made.tenant_id).await.unwrap(), made);
        tenants.push(made.tenant_id);
    }
    let body = TenantBody { name: "Europe".to_owned(), ..TenantBody::default() };
    let changed = organizations.update_tenant("o1", &tenants[0], &body).await.unwrap();
    assert_eq!((changed.name.as_str(), changed.region), ("Europe", None));
    let suspended = organizations.suspend_tenant("o1", &tenants[0]).await.unwrap();
    assert_eq!(suspended.status, OrganizationStatus::Suspended);
    let resumed = organizations.resume_tenant("o1", &tenants[0]).await.unwrap();
    assert_eq!(resumed.status, OrganizationStatus::Active);
    assert_eq!(organizations.tenants_page("o1", &two(), None).await.unwrap().items.len(), 2);
    let all: Vec<_> = organizations.tenants("o1", two()).try_collect().await.unwrap();
    assert_eq!(all.len(), 3);
    organizations.delete_tenant("o1", &tenants[2]).await.unwrap();
    assert!(organizations.tenant("o1", &tenants[2]).await.unwrap_err().is_not_found());

    for user in ["ann", "bob", "auth0|eve"] {
        assert_eq!(organizations.set_member("o1", user, &member("MEMBER")).await.unwrap().user_id, user);
    }
    let in_tenant = TenantRoles { tenant_id: tenants[0].clone(), roles: vec!["VIEWER".to_owned()] };
    let body = MemberBody { tenants: vec![in_tenant.clone()], ..MemberBody::default() };
    organizations.set_member("o1", "bob", &body).await.unwrap();
    let bob = organizations.member("o1", "bob").await.unwrap();
    assert!(bob.roles.is_empty() && bob.tenants == [in_tenant]);
    let page = organizations.members_page("o1", &two(), None).await.unwrap();
    assert!(page.items.len() == 2 && page.next.is_some());
    let all: Vec<_> =
        organizations.members("o1", two()).map_ok(|found| found.user_id).try_collect().await.unwrap();
    assert_eq!(all, ["ann", "auth0|eve", "bob", "olga"]);
    organizations.remove_member("o1", "auth0|eve").await.unwrap();
    assert!(organizations.member("o1", "auth0|eve").await.unwrap_err().is_not_found());
    assert_eq!(
        organizations.remove_member("o1", "olga").await.unwrap_err().status(),
        Some(409),
        "the last OWNER"
    );
    server.shutdown().await;
}

/// A plan with an allowance of ten calls.
fn plan(id: &str) -> PlanBody {
    let calls = MeteredFeature { allowance: 10, period: None, limit: LimitKind::Hard, rollover: None };
    PlanBody {
        plan_id: Some(id.to_owned()),
        name: format!("Plan {id}"),
        features: BTreeMap::from([("calls".to_owned(), Feature::Metered(calls))]),
        ..PlanBody::default()
    }
}

#[tokio::test]
async fn products_and_plans_are_managed() {
    let server = TestServer::start().await.unwrap();
    let products = server.client().products();
    for id in ["p1", "p2", "p3"] {
        let body = ProductBody { product_id: Some(id.into()), name: id.into(), ..ProductBody::default() };
        assert_eq!(products.create(&body).await.unwrap().product_id, id);
        assert_eq!(products.create_plan("p1", &plan(&format!("{id}-plan"))).await.unwrap().product_id, "p1");
    }
    let body = ProductBody { name: "Editor".into(), versions: vec!["1".into()], ..ProductBody::default() };
    assert_eq!(products.update("p1", &body).await.unwrap().versions, ["1"]);
    assert_eq!(products.show("p1").await.unwrap().name, "Editor");
    assert_eq!(products.list_page(&two(), None).await.unwrap().items.len(), 2);
    let all: Vec<_> = products.list(two()).try_collect().await.unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(products.create_plan("p1", &plan("p1-plan")).await.unwrap_err().status(), Some(409));

    let body = PlanBody { rank: 7, version: Some("1".into()), plan_id: None, ..plan("p1-plan") };
    assert_eq!(products.update_plan("p1", "p1-plan", &body).await.unwrap().rank, 7);
    let shown = products.plan("p1", "p1-plan").await.unwrap();
    assert_eq!((shown.rank, &shown.features), (7, &body.features));
    assert_eq!(products.plans_page("p1", &two(), None).await.unwrap().items.len(), 2);
    let all: Vec<_> = products.plans("p1", two()).map_ok(|plan| plan.plan_id).try_collect().await.unwrap();
    assert_eq!(all, ["p1-plan", "p2-plan", "p3-plan"]);
    products.delete_plan("p1", "p3-plan").await.unwrap();
    assert!(products.plan("p1", "p3-plan").await.unwrap_err().is_not_found());
    products.delete("p2").await.unwrap();
    assert!(products.show("p2").await.unwrap_err().is_not_found());
    server.shutdown().await;
}

#[tokio::test]
async fn subscriptions_seats_and_usage_are_managed() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    let subscriptions = client.subscriptions();
    organization(client, "o1").await;
    let product =
        ProductBody { product_id: Some("p1".into()), name: "Editor".into(), ..ProductBody::default() };
    client.products().create(&product).await.unwrap();
    client.products().create_plan("p1", &plan("basic")).await.unwrap();
    for user in ["ann", "bob"] {
        client.organizations().set_member("o1", user, &member("MEMBER")).await.unwrap();
    }
    let body = |id: &str| SubscriptionBody {
        subscription_id: Some(id.to_owned()),
        plan_id: "basic".to_owned(),
        seat_count: Some(2),
        ..SubscriptionBody::default()
    };
    for id in ["s1", "s2", "s3"] {
        let made = subscriptions.create("o1", &body(id)).await.unwrap();
        assert_eq!((made.product_id.as_str(), made.status), ("p1", SubscriptionStatus::Active));
    }
    let paused = SubscriptionBody { status: Some(SubscriptionStatus::Paused), ..body("s2") };
    assert_eq!(subscriptions.update("o1", "s2", &paused).await.unwrap().status, SubscriptionStatus::Paused);
    assert_eq!(subscriptions.show("o1", "s2").await.unwrap().status, SubscriptionStatus::Paused);
    assert_eq!(subscriptions.list_page("o1", &two(), None).await.unwrap().items.len(), 2);
    let all: Vec<_> = subscriptions.list("o1", two()).try_collect().await.unwrap();
    assert_eq!(all.len(), 3);
    subscriptions.delete("o1", "s3").await.unwrap();
    assert!(subscriptions.show("o1", "s3").await.unwrap_err().is_not_found());

    for user in ["ann", "ann", "bob"] {
        assert_eq!(subscriptions.assign_seat("o1", "s1", user).await.unwrap().user_id, user);
    }
    let full = subscriptions.assign_seat("o1", "s1", "olga").await.unwrap_err();
    assert_eq!(full.status(), Some(409));
    let one = ListQuery { limit: Some(1), ..ListQuery::default() };
    let page = subscriptions.seats_page("o1", "s1", &one, None).await.unwrap();
    assert!(page.items.len() == 1 && page.next.is_some());
    let seats: Vec<_> =
        subscriptions.seats("o1", "s1", one).map_ok(|seat| seat.user_id).try_collect().await.unwrap();
    assert_eq!(seats, ["ann", "bob"]);
    subscriptions.remove_seat("o1", "s1", "ann").await.unwrap();
    assert!(subscriptions.remove_seat("o1", "s1", "ann").await.unwrap_err().is_not_found());

    let event = |id: &str, units| UsageEvent {
        id: id.to_owned(),
        source: "api".to_owned(),
        time: None,
        feature: "calls".to_owned(),
        units,
    };
    let counted = subscriptions.record_usage("o1", "s1", &event("e1", 4)).await.unwrap();
    assert!(!counted.duplicate && counted.entitlement.balance == Some(6));
    let again = subscriptions.record_usage("o1", "s1", &event("e1", 4)).await.unwrap();
    assert!(again.duplicate && again.entitlement.balance == Some(6));
    let report = subscriptions.usage("o1", "s1").await.unwrap();
    assert_eq!((report.usage.len(), report.usage[0].usage, report.usage[0].balance), (1, 4, 6));
    server.shutdown().await;
}

#[tokio::test]
async fn operations_are_managed() {
    let server = TestServer::start().await.unwrap();
    let operations = server.client().operations();
    let body = |name: &str| OperationBody {
        operation: name.to_owned(),
        permission: "document:read".to_owned(),
        resource: Some("documents/{id}".to_owned()),
        ..OperationBody::default()
    };
    for name in ["document.list", "document.read", "document.print"] {
        let made = operations.create(&body(name)).await.unwrap();
        assert_eq!((made.operation_id.as_str(), made.version), (name, 1));
        assert_eq!(operations.show(name).await.unwrap(), made);
    }
    assert_eq!(operations.create(&body("document.read")).await.unwrap_err().status(), Some(409));
    let off = OperationBody { enabled: false, ..body("document.read") };
    let changed = operations.update("document.read", &off).await.unwrap();
    assert_eq!((changed.version, changed.body.enabled), (2, false));
    let page = operations.list_page(&two(), None).await.unwrap();
    assert!(page.items.len() == 2 && page.next.is_some());
    let all: Vec<_> = operations.list(two()).map_ok(|found| found.operation_id).try_collect().await.unwrap();
    assert_eq!(all, ["document.list", "document.print", "document.read"]);
    operations.delete("document.read").await.unwrap();
    assert!(operations.show("document.read").await.unwrap_err().is_not_found());
    server.shutdown().await;
}
