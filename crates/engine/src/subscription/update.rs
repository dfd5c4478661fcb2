use portcullis_domain::{StoredPlan, StoredSubscription};
use portcullis_store::ChangeKind;
use portcullis_types::FieldError;
use portcullis_types::subscription::{Subscription, SubscriptionBody};

use super::{COLLECTION, of_organization, wire};
use crate::access::checked;
use crate::change::Unit;
use crate::organization::Inside;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces a subscription. Absent `status` and `startDate` stay; a status must follow from the one before.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] without UPDATE on `Portcullis:Subscriptions/{id}`; [`Error::Conflict`] when fewer seats
/// are left than are assigned; [`Error::ChangedSince`]; [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    (organization_id, subscription_id): (&str, &str),
    body: SubscriptionBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Subscription> {
    checked(portcullis_types::id::plain_id, "subscriptionId", subscription_id)?;
    crate::access::same("subscriptionId", body.subscription_id.as_deref(), subscription_id)?;
    crate::access::same("organizationId", body.organization_id.as_deref(), organization_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (organization_id, id) = (organization_id.to_owned(), subscription_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        let stored = unit.queries().subscription_for_update(&id).await?;
        let stored = of_organization(stored, &organization_id)?;
        rights.require("UPDATE", &format!("{COLLECTION}/{id}"))?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let subscription = replace(&portcullis, &mut unit, &stored, body).await?;
        unit.audit("subscription.update", &id, Some(organization_id));
        unit.commit().await?;
        Ok(wire(&portcullis, &subscription))
    })
    .await
}

/// Writes a subscription's new content within a change.
pub(crate) async fn replace(
    portcullis: &Portcullis,
    unit: &mut Unit,
    stored: &StoredSubscription,
    body: SubscriptionBody,
) -> Result<StoredSubscription> {
    let plan = plan_of(unit, &body.plan_id).await?;
    let ids = (stored.subscription_id.clone(), stored.organization_id.clone(), plan.product_id);
    let at = portcullis.change_time(Some(stored.updated_at));
    let subscription = StoredSubscription::from_body(body, ids, Some(stored), at)?;
    require_successor(unit, &subscription).await?;
    if let Some(seats) = subscription.seat_count
        && unit.queries().count_seats(&subscription.subscription_id).await? > seats
    {
        return Err(Error::Conflict("more seats are assigned than there would be"));
    }
    unit.queries().update_subscription(&subscription).await?;
    unit.changed(ChangeKind::Organization, &subscription.organization_id);
    Ok(subscription)
}

/// The plan that a subscription names, kept from being deleted meanwhile.
pub(crate) async fn plan_of(unit: &mut Unit, plan_id: &str) -> Result<StoredPlan> {
    checked(portcullis_types::id::plain_id, "planId", plan_id)?;
    let plan = unit.queries().plan_for_update(plan_id).await?;
    plan.ok_or_else(|| FieldError::new("planId", "a plan that exists").into())
}

/// A successor must be a subscription of the same organization.
pub(crate) async fn require_successor(unit: &mut Unit, subscription: &StoredSubscription) -> Result<()> {
    let Some(successor) = &subscription.successor_id else { return Ok(()) };
    let found = unit.queries().subscription(successor).await?;
    if found.is_some_and(|found| found.organization_id == subscription.organization_id) {
        Ok(())
    } else {
        Err(FieldError::new("successorId", "another subscription of the organization").into())
    }
}
