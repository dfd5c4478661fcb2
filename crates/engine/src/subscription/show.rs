use portcullis_types::subscription::Subscription;

use super::{read, wire};
use crate::{Cx, Portcullis, Result};

/// Reads a subscription.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) also for another organization's; [`Error::Forbidden`](crate::Error::Forbidden) for
/// members with roles in single tenants only.
pub async fn show(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    subscription_id: &str,
) -> Result<Subscription> {
    let (subscription, _) = read(portcullis, cx, (organization_id, subscription_id)).await?;
    Ok(wire(portcullis, &subscription))
}
