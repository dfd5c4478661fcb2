use portcullis_domain::{MAX_UNITS, StoredPlan, StoredSubscription};
use portcullis_store::{Queries, UsageKey};
use portcullis_types::plan::Feature;
use portcullis_types::subscription::{FeatureUsage, UsageEvent, UsageReceipt, UsageReport};
use portcullis_types::{FieldError, Timestamp};

use super::entitlement::{counter_at, entitlement};
use super::{InForce, of_organization, read};
use crate::access::checked;
use crate::change::Unit;
use crate::organization::Inside;
use crate::{Cx, Error, Portcullis, Result};

/// How far ahead of our clock an event may be, in seconds (spec `guard-request.md` §5.3).
const AHEAD: i64 = 5 * 60;
/// How old an event may be, in seconds, and so how long its id is remembered.
const OLD: i64 = 35 * 24 * 60 * 60;

/// Counts a usage event of a metered feature, once for its `source` and `id`, in the period of its time. What was used is
/// counted also beyond a hard limit: it has happened.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] without CREATE on `Portcullis:Usage/{organizationId}`; [`Error::Invalid`] for times and
/// units out of bounds, and features that the plan does not meter.
pub async fn record_usage(
    portcullis: &Portcullis,
    cx: &Cx,
    (organization_id, subscription_id): (&str, &str),
    event: UsageEvent,
) -> Result<UsageReceipt> {
    checked(portcullis_types::id::plain_id, "subscriptionId", subscription_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (organization_id, id) = (organization_id.to_owned(), subscription_id.to_owned());
    Portcullis::to_the_end(async move {
        let now = portcullis.now();
        let at = check(&event, now)?;
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        Inside::read(unit.queries(), &rights, &cx, &organization_id).await?;
        rights.require("CREATE", &format!("Portcullis:Usage/{organization_id}"))?;
        let subscription = of_organization(unit.queries().subscription(&id).await?, &organization_id)?;
        let plan = plan(unit.queries(), &subscription).await?;
        let new = unit.queries().insert_usage_event(&organization_id, &event.source, &event.id, at).await?;
        if new {
            count(&mut unit, (&subscription, &plan), &event, (at, now)).await?;
            unit.queries().delete_usage_events(now.plus_secs(-(OLD + AHEAD)), 10).await?;
        }
        let in_force = [InForce { subscription, plan }];
        let entitlement = entitlement(unit.queries(), &in_force, &event.feature, 1, now).await?;
        if new {
            unit.commit().await?;
        }
        Ok(UsageReceipt { duplicate: !new, entitlement })
    })
    .await
}

fn check(event: &UsageEvent, now: Timestamp) -> Result<Timestamp> {
    for (field, text) in [("id", &event.id), ("source", &event.source)] {
        if !(1..=255).contains(&text.chars().count()) || text.contains('\0') {
            return Err(FieldError::new(field, "1 to 255 characters, none of them NUL").into());
        }
    }
    if !(1..=MAX_UNITS).contains(&event.units) {
        return Err(FieldError::new("units", format!("1 to {MAX_UNITS}")).into());
    }
    let at = event.time.unwrap_or(now);
    if at > now.plus_secs(AHEAD) || at < now.plus_secs(-OLD) {
        return Err(FieldError::new("time", "at most 5 minutes ahead and 35 days back").into());
    }
    Ok(at)
}

async fn count(
    unit: &mut Unit,
    (subscription, plan): (&StoredSubscription, &StoredPlan),
    event: &UsageEvent,
    (at, now): (Timestamp, Timestamp),
) -> Result<()> {
    let metered = plan
        .metered(&event.feature)
        .ok_or_else(|| FieldError::new("feature", "a metered feature of the subscription's plan"))?;
    let found = counter_at(unit.queries(), subscription, (&event.feature, metered), at).await?;
    let (period, before) =
        found.ok_or_else(|| FieldError::new("time", "an instant after the subscription's start"))?;
    let key = UsageKey {
        subscription_id: &subscription.subscription_id,
        feature: &event.feature,
        period_start: period.start,
    };
    unit.queries().open_usage(key, before.carried, now).await?;
    let added = unit.queries().add_usage(key, event.units, i64::MAX, now).await?;
    added.map(drop).ok_or(Error::Conflict("the period's usage is beyond what can be counted"))
}

async fn plan(queries: &mut dyn Queries, subscription: &StoredSubscription) -> Result<StoredPlan> {
    let plan = queries.plan(&subscription.plan_id).await?;
    plan.ok_or_else(|| Error::internal("a subscription names a plan that is not there"))
}

/// The metered features of a subscription in their present periods.
///
/// # Errors
/// As [`super::show()`].
pub async fn usage(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    subscription_id: &str,
) -> Result<UsageReport> {
    let (subscription, mut snapshot) = read(portcullis, cx, (organization_id, subscription_id)).await?;
    let now = portcullis.now();
    let plan = plan(snapshot.queries(), &subscription).await?;
    let mut usage = Vec::new();
    for (feature, kind) in &plan.features {
        let Feature::Metered(metered) = kind else { continue };
        let found = counter_at(snapshot.queries(), &subscription, (feature, metered), now).await?;
        let Some((period, counter)) = found else { continue };
        usage.push(FeatureUsage {
            feature: feature.clone(),
            period_start: period.start,
            period_end: period.end,
            allowance: metered.allowance,
            carried_over: counter.carried,
            usage: counter.used,
            balance: counter.balance(metered),
            overage: counter.overage(metered),
        });
    }
    Ok(UsageReport { usage })
}
