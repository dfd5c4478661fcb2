use portcullis_types::organization::Member;

use super::{roles_of, wire};
use crate::organization::{Inside, Need};
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists the members of an organization with their roles; at most 100 a page.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Forbidden`](crate::Error::Forbidden) for members with roles in single tenants
/// only; [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    request: PageRequest,
) -> Result<Listing<Member>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let inside = Inside::read(snapshot.queries(), &rights, cx, organization_id).await?;
    inside.require(&rights, Need::Read, None)?;
    let found = snapshot.queries().list_members(organization_id, &page).await?;
    let listing = Listing::cut(found, limit, |member| &member.user_id);
    let mut items = Vec::with_capacity(listing.items.len());
    for member in &listing.items {
        let roles = roles_of(snapshot.queries(), organization_id, &member.user_id).await?;
        items.push(wire(portcullis, member, &roles));
    }
    Ok(Listing { items, next: listing.next })
}
