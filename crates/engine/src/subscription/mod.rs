//! What organizations bought, and what that allows (spec `guard-request.md` §4): subscriptions, seats, metered usage.

mod consume;
mod create;
mod delete;
mod entitlement;
mod list;
mod seats;
mod show;
mod standing;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
mod tests;
mod update;
mod usage;

pub(crate) use consume::{Consumption, consume};
pub use create::create;
pub(crate) use create::insert;
pub use delete::delete;
pub(crate) use entitlement::{entitlement, entitlements};
pub use list::list;
pub use seats::{assign_seat, list_seats, unassign_seat};
pub use show::show;
pub(crate) use standing::{InForce, Standing, has_seat, subscriptions_in_force};
pub use update::update;
pub(crate) use update::{plan_of, replace, require_successor};
pub use usage::{record_usage, usage};

use portcullis_domain::StoredSubscription;
use portcullis_types::subscription::Subscription;

use crate::organization::Inside;
use crate::{Cx, Error, Portcullis, Result};

/// The management resource that subscriptions are below.
pub(crate) const COLLECTION: &str = "Portcullis:Subscriptions";

fn wire(portcullis: &Portcullis, subscription: &StoredSubscription) -> Subscription {
    let StoredSubscription { organization_id, subscription_id, .. } = subscription;
    let path = format!("/v1/organizations/{organization_id}/subscriptions/{subscription_id}");
    subscription.wire(portcullis.links(&path))
}

/// An organization's subscription; another's is none.
fn of_organization(found: Option<StoredSubscription>, organization_id: &str) -> Result<StoredSubscription> {
    found
        .filter(|subscription| subscription.organization_id == organization_id)
        .ok_or(Error::NotFound("subscription"))
}

/// Finds an organization's subscription for whoever may read the organization.
async fn read(
    portcullis: &Portcullis,
    cx: &Cx,
    (organization_id, subscription_id): (&str, &str),
) -> Result<(StoredSubscription, Box<dyn portcullis_store::Snapshot>)> {
    crate::access::checked(portcullis_types::id::plain_id, "subscriptionId", subscription_id)?;
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let inside = Inside::read(snapshot.queries(), &rights, cx, organization_id).await?;
    inside.require(&rights, crate::organization::Need::Read, None)?;
    let found = snapshot.queries().subscription(subscription_id).await?;
    Ok((of_organization(found, organization_id)?, snapshot))
}
