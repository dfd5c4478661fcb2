use std::collections::{BTreeMap, BTreeSet};

use portcullis_domain::{Counter, Period, StoredSubscription, period_at};
use portcullis_store::{Queries, UsageKey};
use portcullis_types::plan::{Feature, LimitKind, MeteredFeature};
use portcullis_types::{Entitlement, Timestamp};

use super::InForce;
use crate::Result;

/// What subscriptions that are in force say about a feature, for a use of `units` (1 when it only matters whether any is left).
///
/// Boolean features are united, metered allowances are summed, of static values the highest plan's counts (spec
/// `guard-request.md` §4). A feature that no plan names has no access and no numbers; one that is used up has a `balance`.
pub(crate) async fn entitlement(
    queries: &mut dyn Queries,
    in_force: &[InForce],
    feature: &str,
    units: i64,
    now: Timestamp,
) -> Result<Entitlement> {
    let mut sum = Entitlement::default();
    let mut soft = false;
    for InForce { subscription, plan } in in_force {
        match plan.features.get(feature) {
            None => {}
            Some(Feature::Boolean(on)) => sum.has_access |= on,
            Some(Feature::Static(value)) => {
                sum.has_access = true;
                sum.config.get_or_insert_with(|| value.clone());
            }
            Some(Feature::Metered(metered)) => {
                let counter = counter_at(queries, subscription, (feature, metered), now).await?;
                let counter = counter.map(|(_, counter)| counter);
                add(&mut sum.balance, counter.map_or(0, |counter| counter.balance(metered)));
                add(&mut sum.usage, counter.map_or(0, |counter| counter.used));
                add(&mut sum.overage, counter.map_or(0, |counter| counter.overage(metered)));
                soft |= metered.limit == LimitKind::Soft && counter.is_some();
            }
        }
    }
    sum.has_access |= soft || sum.balance.is_some_and(|balance| balance >= units.max(1));
    Ok(sum)
}

/// Every feature that the plans name.
pub(crate) async fn entitlements(
    queries: &mut dyn Queries,
    in_force: &[InForce],
    now: Timestamp,
) -> Result<BTreeMap<String, Entitlement>> {
    let names: BTreeSet<&String> = in_force.iter().flat_map(|one| one.plan.features.keys()).collect();
    let mut all = BTreeMap::new();
    for name in names {
        all.insert(name.clone(), entitlement(queries, in_force, name, 1, now).await?);
    }
    Ok(all)
}

fn add(sum: &mut Option<i64>, more: i64) {
    *sum = Some(sum.unwrap_or(0).saturating_add(more));
}

/// The period that `at` is in, and its counter as it is or would begin. `None` when no period holds it.
pub(super) async fn counter_at(
    queries: &mut dyn Queries,
    subscription: &StoredSubscription,
    (feature, metered): (&str, &MeteredFeature),
    at: Timestamp,
) -> Result<Option<(Period, Counter)>> {
    let recurrence = metered.period.unwrap_or(subscription.recurrence);
    let Some(period) = period_at(subscription.start_date, recurrence, at) else { return Ok(None) };
    let key =
        UsageKey { subscription_id: &subscription.subscription_id, feature, period_start: period.start };
    let counter = match queries.latest_usage(key).await? {
        Some((start, counter)) if start == period.start => counter,
        Some((start, counter)) => {
            let before =
                period_at(subscription.start_date, recurrence, start).map_or(0, |before| before.index);
            counter.after(metered, period.index.saturating_sub(before))
        }
        None => Counter::default().after(metered, period.index),
    };
    Ok(Some((period, counter)))
}
