use portcullis_domain::StoredTenant;
use portcullis_types::organization::Tenant;

use super::wire;
use crate::organization::{Inside, Need};
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists the tenants of an organization that the caller may read; at most 100 a page.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    request: PageRequest,
) -> Result<Listing<Tenant>> {
    let limit = request.limit(100)?;
    let mut page = request.store_page(100, 64)?;
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let inside = Inside::read(snapshot.queries(), &rights, cx, organization_id).await?;
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut kept: Vec<StoredTenant> = Vec::new();
    loop {
        let batch = snapshot.queries().list_tenants(organization_id, &page).await?;
        let full = batch.len() == wanted;
        page.after = batch.last().map(|tenant| tenant.tenant_id.clone());
        let readable = |tenant: &StoredTenant| inside.may(&rights, Need::Read, Some(&tenant.tenant_id));
        kept.extend(batch.into_iter().filter(readable));
        if !full || kept.len() >= wanted {
            kept.truncate(wanted);
            return Ok(Listing::cut(kept, limit, |one| &one.tenant_id).map(|one| wire(portcullis, &one)));
        }
    }
}
