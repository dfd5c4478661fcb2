use portcullis_domain::StoredSubscription;
use portcullis_store::ChangeKind;
use portcullis_types::FieldError;
use portcullis_types::subscription::{Subscription, SubscriptionBody};

use super::{COLLECTION, plan_of, require_successor, wire};
use crate::change::Unit;
use crate::organization::Inside;
use crate::{Cx, Error, Portcullis, Result};

/// Creates a subscription for an organization: no customer gives one to itself.
///
/// # Errors
/// [`Error::NotFound`] for whoever is neither a member of the organization nor may read it; [`Error::Forbidden`] without CREATE
/// on `Portcullis:Subscriptions`; [`Error::Conflict`] when the id is in use; [`Error::Invalid`].
pub async fn create(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    body: SubscriptionBody,
) -> Result<Subscription> {
    crate::access::same("organizationId", body.organization_id.as_deref(), organization_id)?;
    let (portcullis, cx, organization_id) = (portcullis.clone(), cx.clone(), organization_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        rights.require_create(COLLECTION)?;
        let plan = plan_of(&mut unit, &body.plan_id).await?;
        if !plan.is_active {
            return Err(FieldError::new("planId", "an active plan").into());
        }
        let id = match &body.subscription_id {
            Some(id) => id.clone(),
            None => portcullis.mint("sub_")?,
        };
        let ids = (id, organization_id, plan.product_id);
        let stored = StoredSubscription::from_body(body, ids, None, portcullis.change_time(None))?;
        require_successor(&mut unit, &stored).await?;
        insert(&mut unit, &stored).await?;
        unit.audit("subscription.create", &stored.subscription_id, Some(stored.organization_id.clone()));
        unit.commit().await?;
        Ok(wire(&portcullis, &stored))
    })
    .await
}

/// Writes a new subscription within a change.
pub(crate) async fn insert(unit: &mut Unit, subscription: &StoredSubscription) -> Result<()> {
    if !unit.queries().insert_subscription(subscription).await? {
        return Err(Error::Conflict("a subscription of this id exists"));
    }
    unit.changed(ChangeKind::Organization, &subscription.organization_id);
    Ok(())
}
