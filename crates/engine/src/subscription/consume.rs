use portcullis_domain::{Counter, Period};
use portcullis_store::UsageKey;
use portcullis_types::plan::{LimitKind, MeteredFeature};
use portcullis_types::{Entitlement, Timestamp};

use super::entitlement::{counter_at, entitlement};
use super::{InForce, Standing};
use crate::change::Unit;
use crate::{Error, Result};

/// What became of a use of a feature.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Consumption {
    /// It was counted (or is not metered).
    Done(Entitlement),
    /// Too little is left; nothing was counted.
    QuotaExceeded(Entitlement),
    /// No plan names the feature, or none that names it switches it on.
    NotInPlan,
    /// Nothing that is in force: ask the [`Standing`].
    NoSubscription,
}

/// A counter, locked until the change ends.
struct Locked<'a> {
    in_force: &'a InForce,
    metered: &'a MeteredFeature,
    period: Period,
    counter: Counter,
    takes: i64,
}

/// Counts a use of `units` (at least 1) of a feature, all of it or nothing, over the summed allowances, the highest plan's
/// first. Exact under parallel use, also on several nodes: the counters are locked (always in the order of their ids) before
/// they are read. It counts when `unit` is committed.
pub(crate) async fn consume(
    unit: &mut Unit,
    standing: &Standing,
    feature: &str,
    units: i64,
    now: Timestamp,
) -> Result<Consumption> {
    let Standing::InForce(in_force) = standing else { return Ok(Consumption::NoSubscription) };
    let mut locked = lock(unit, in_force, feature, now).await?;
    if locked.is_empty() {
        let entitlement = entitlement(unit.queries(), in_force, feature, units, now).await?;
        let has = entitlement.has_access;
        return Ok(if has { Consumption::Done(entitlement) } else { Consumption::NotInPlan });
    }
    if !share(&mut locked, units) {
        let entitlement = entitlement(unit.queries(), in_force, feature, units, now).await?;
        return Ok(Consumption::QuotaExceeded(Entitlement { has_access: false, ..entitlement }));
    }
    for one in locked.iter().filter(|one| one.takes > 0) {
        let key = UsageKey {
            subscription_id: &one.in_force.subscription.subscription_id,
            feature,
            period_start: one.period.start,
        };
        let added = unit.queries().add_usage(key, one.takes, one.counter.bound(one.metered), now).await?;
        // Locked and reckoned, so it fits: if not, nothing of this change may count.
        added.ok_or_else(|| Error::internal("a locked usage counter has changed"))?;
    }
    Ok(Consumption::Done(entitlement(unit.queries(), in_force, feature, units, now).await?))
}

/// Locks the counters of all that meter the feature, and gives them in the order of `in_force`.
async fn lock<'a>(
    unit: &mut Unit,
    in_force: &'a [InForce],
    feature: &str,
    now: Timestamp,
) -> Result<Vec<Locked<'a>>> {
    let metering = in_force.iter().enumerate();
    let mut metering: Vec<_> = metering
        .filter_map(|(rank, one)| one.plan.metered(feature).map(|metered| (rank, one, metered)))
        .collect();
    metering
        .sort_by(|(_, a, _), (_, b, _)| a.subscription.subscription_id.cmp(&b.subscription.subscription_id));
    let mut locked = Vec::with_capacity(metering.len());
    for (rank, one, metered) in metering {
        let found = counter_at(unit.queries(), &one.subscription, (feature, metered), now).await?;
        let Some((period, before)) = found else { continue };
        let key = UsageKey {
            subscription_id: &one.subscription.subscription_id,
            feature,
            period_start: period.start,
        };
        let counter = unit.queries().open_usage(key, before.carried, now).await?;
        locked.push((rank, Locked { in_force: one, metered, period, counter, takes: 0 }));
    }
    locked.sort_by_key(|(rank, _)| *rank);
    Ok(locked.into_iter().map(|(_, one)| one).collect())
}

/// Shares `units` out: what is left of each, then the rest to the first soft limit. False: it does not fit.
fn share(locked: &mut [Locked<'_>], units: i64) -> bool {
    let mut rest = units;
    for one in locked.iter_mut() {
        one.takes = rest.min(one.counter.balance(one.metered));
        rest -= one.takes;
    }
    if rest == 0 {
        return units > 0;
    }
    match locked.iter_mut().find(|one| one.metered.limit == LimitKind::Soft) {
        Some(soft) if rest > 0 => {
            soft.takes = soft.takes.saturating_add(rest);
            true
        }
        _ => false,
    }
}
