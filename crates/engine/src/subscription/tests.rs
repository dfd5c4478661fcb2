//! What the guard asks, on both databases. (The use cases are tested from outside, in `tests/it`.)

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use portcullis_jose::MasterKey;
use portcullis_store::{OpenOptions, open};
use portcullis_types::Timestamp;
use portcullis_types::subscription::Subscription;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{Consumption, Standing, consume, entitlement, has_seat, subscriptions_in_force};
use crate::change::Unit;
use crate::{Cx, Portcullis, Settings, SystemClock, SystemRng};

fn body<T: DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

fn cx() -> Cx {
    Cx::local("test")
}

async fn node(url: &str) -> Portcullis {
    let options = OpenOptions { acquire_timeout: Duration::from_secs(120), ..OpenOptions::default() };
    let store = open(url, options).await.unwrap();
    store.migrate().await.unwrap();
    let key = MasterKey::from_bytes([7; 32]);
    crate::bootstrap(&*store, &key, &SystemClock, &SystemRng, |_| Ok(())).await.unwrap();
    Portcullis::start(store, Settings::new("http://127.0.0.1:1", key)).await.unwrap()
}

/// Two nodes on one database, or on SQLite one.
async fn on_sqlite<F: Future<Output = ()>>(test: impl FnOnce(Vec<Portcullis>) -> F) {
    let folder = tempfile::tempdir().unwrap();
    test(vec![node(&format!("sqlite://{}", folder.path().join("p.db").display())).await]).await;
}

async fn on_postgres<F: Future<Output = ()>>(test: impl FnOnce(Vec<Portcullis>) -> F) {
    let server = std::env::var("PORTCULLIS_TEST_POSTGRES").expect("cargo xtask postgres starts one");
    let name = format!("pc_entitled_{:016x}", RandomState::new().hash_one(0));
    let mut admin = PgConnection::connect(&server).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    test(vec![node(&url).await, node(&url).await]).await;
}

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::on_sqlite(super::$name).await; }
        )* }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::on_postgres(super::$name).await; }
        )* }
    };
}

on_both!(
    parallel_consumption_never_exceeds_a_hard_limit,
    allowances_are_summed_and_booleans_united,
    successors_answer_and_late_payments_are_told_apart,
    a_seat_counts_in_any_subscription_in_force,
);

async fn plan(node: &Portcullis, id: &str, rank: i32, features: Value) {
    let _exists = crate::product::create(node, &cx(), body(json!({"productId": "app", "name": "App"}))).await;
    let new = json!({"planId": id, "name": id, "rank": rank, "features": features});
    crate::plan::create(node, &cx(), "app", body(new)).await.unwrap();
}

async fn buy(node: &Portcullis, plan: &str, more: Value) -> Subscription {
    let mut new = json!({"planId": plan});
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    crate::subscription::create(node, &cx(), "org", body(new)).await.unwrap()
}

async fn organization(node: &Portcullis) {
    crate::organization::create(node, &cx(), body(json!({"organizationId": "org", "name": "Org"})))
        .await
        .unwrap();
}

async fn standing(node: &Portcullis, product: Option<&str>, at: Timestamp) -> Standing {
    let mut view = node.read().await.unwrap();
    subscriptions_in_force(view.queries(), "org", product, at).await.unwrap()
}

async fn take(node: &Portcullis, standing: &Standing, units: i64) -> Consumption {
    let mut unit = Unit::begin(node, &cx()).await.unwrap();
    let taken = consume(&mut unit, standing, "calls", units, node.now()).await.unwrap();
    unit.commit().await.unwrap();
    taken
}

fn metered(allowance: i64, limit: &str) -> Value {
    json!({"calls": {"metered": {"allowance": allowance, "limit": limit}}})
}

async fn parallel_consumption_never_exceeds_a_hard_limit(nodes: Vec<Portcullis>) {
    let here = &nodes[0];
    organization(here).await;
    // The sum of two subscriptions, so that counters are locked together.
    plan(here, "small", 1, metered(40, "hard")).await;
    plan(here, "big", 2, metered(60, "hard")).await;
    for name in ["small", "big"] {
        buy(here, name, json!({})).await;
    }
    let standing = Arc::new(standing(here, None, here.now()).await);
    let tasks: Vec<_> = (0..500)
        .map(|n| {
            let (node, standing) = (nodes[n % nodes.len()].clone(), Arc::clone(&standing));
            tokio::spawn(async move { matches!(take(&node, &standing, 1).await, Consumption::Done(_)) })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        done += i32::from(task.await.unwrap());
    }
    assert_eq!(done, 100);
    let Standing::InForce(in_force) = &*standing else { panic!("{standing:?}") };
    let mut view = here.read().await.unwrap();
    let left = entitlement(view.queries(), in_force, "calls", 1, here.now()).await.unwrap();
    assert_eq!(
        (left.has_access, left.balance, left.usage, left.overage),
        (false, Some(0), Some(100), Some(0))
    );
}

async fn allowances_are_summed_and_booleans_united(nodes: Vec<Portcullis>) {
    let here = &nodes[0];
    organization(here).await;
    let low = json!({"calls": {"metered": {"allowance": 10}}, "export": {"boolean": false}, "models": {"static": ["a"]}});
    let high = json!({"calls": {"metered": {"allowance": 5, "limit": "soft"}}, "export": {"boolean": true}, "models": {"static": ["b"]}});
    plan(here, "low", 1, low).await;
    plan(here, "high", 9, high).await;
    buy(here, "low", json!({})).await;
    assert!(matches!(
        take(here, &standing(here, None, here.now()).await, 11).await,
        Consumption::QuotaExceeded(_)
    ));
    buy(here, "high", json!({})).await;
    let both = standing(here, Some("app"), here.now()).await;
    let Standing::InForce(in_force) = &both else { panic!("{both:?}") };
    assert_eq!(in_force[0].plan.plan_id, "high", "the highest plan comes first");
    // 15 are there, and the rest goes over the soft limit.
    let Consumption::Done(after) = take(here, &both, 18).await else { panic!() };
    assert_eq!(
        (after.balance, after.usage, after.overage, after.has_access),
        (Some(0), Some(18), Some(3), true)
    );
    let mut view = here.read().await.unwrap();
    let now = here.now();
    let export = entitlement(view.queries(), in_force, "export", 1, now).await.unwrap();
    assert!(export.has_access && export.balance.is_none());
    assert_eq!(
        entitlement(view.queries(), in_force, "models", 1, now).await.unwrap().config,
        Some(json!(["b"]))
    );
    let unknown = entitlement(view.queries(), in_force, "other", 1, now).await.unwrap();
    assert_eq!(unknown, portcullis_types::Entitlement::default());
    // The next period begins anew.
    let later = now.plus_secs(40 * 86_400);
    assert_eq!(entitlement(view.queries(), in_force, "calls", 1, later).await.unwrap().balance, Some(15));
    drop(view);
    assert_eq!(take(here, &Standing::PastDue, 1).await, Consumption::NoSubscription);
}

async fn successors_answer_and_late_payments_are_told_apart(nodes: Vec<Portcullis>) {
    let here = &nodes[0];
    organization(here).await;
    let now = here.now();
    assert_eq!(standing(here, None, now).await, Standing::SubscriptionRequired);
    plan(here, "gold", 1, json!({})).await;
    let due = json!({"status": "past_due", "nextBillingDate": now.plus_secs(-86_400).to_string(), "startDate": now.plus_secs(-99 * 86_400).to_string()});
    let late = buy(here, "gold", due).await;
    assert!(matches!(standing(here, None, now).await, Standing::InForce(_)), "in its grace");
    assert_eq!(standing(here, None, now.plus_secs(6 * 86_400)).await, Standing::PastDue);
    assert_eq!(standing(here, Some("another"), now).await, Standing::SubscriptionRequired);

    let other = json!({"productId": "bundle", "name": "Bundle"});
    crate::product::create(here, &cx(), body(other)).await.unwrap();
    crate::plan::create(here, &cx(), "bundle", body(json!({"planId": "all", "name": "All"}))).await.unwrap();
    let next = buy(here, "all", json!({})).await;
    let ids = ("org", late.subscription_id.as_str());
    let upgraded = json!({"planId": "gold", "status": "upgraded", "successorId": next.subscription_id});
    crate::subscription::update(here, &cx(), ids, body(upgraded), None).await.unwrap();
    let Standing::InForce(found) = standing(here, Some("app"), here.now()).await else { panic!() };
    assert_eq!(
        (found.len(), found[0].plan.plan_id.as_str()),
        (1, "all"),
        "also when it is of another product"
    );
    assert!(
        matches!(standing(here, None, here.now()).await, Standing::InForce(all) if all.len() == 1),
        "counted once"
    );
}

async fn a_seat_counts_in_any_subscription_in_force(nodes: Vec<Portcullis>) {
    let here = &nodes[0];
    organization(here).await;
    plan(here, "gold", 1, json!({})).await;
    let sold = buy(here, "gold", json!({"seatCount": 1})).await;
    crate::member::put(here, &cx(), "org", "alice", body(json!({"roles": ["VIEWER"]}))).await.unwrap();
    let has = async |user: &str| {
        let Standing::InForce(in_force) = standing(here, None, here.now()).await else { panic!() };
        has_seat(here.read().await.unwrap().queries(), &in_force, user).await.unwrap()
    };
    assert!(!has("alice").await);
    crate::subscription::assign_seat(here, &cx(), ("org", &sold.subscription_id), "alice").await.unwrap();
    assert!(has("alice").await && !has("bob").await);
    buy(here, "gold", json!({})).await;
    assert!(has("bob").await, "a subscription that does not count seats is for everybody");
}
