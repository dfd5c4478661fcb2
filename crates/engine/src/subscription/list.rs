use portcullis_types::subscription::Subscription;

use super::wire;
use crate::organization::{Inside, Need};
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists an organization's subscriptions; at most 100 a page.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Forbidden`](crate::Error::Forbidden) for members with roles in single tenants
/// only; [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    request: PageRequest,
) -> Result<Listing<Subscription>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let inside = Inside::read(snapshot.queries(), &rights, cx, organization_id).await?;
    inside.require(&rights, Need::Read, None)?;
    let found = snapshot.queries().list_subscriptions(organization_id, &page).await?;
    Ok(Listing::cut(found, limit, |one| &one.subscription_id).map(|one| wire(portcullis, &one)))
}
