use portcullis_domain::{StoredOrganization, organization_resource};
use portcullis_store::{Page, Queries};
use portcullis_types::organization::Organization;

use super::{COLLECTION, management_resource, wire};
use crate::access::Rights;
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists organizations: all with READ on `Portcullis:Organizations`, else those that the caller is a member of. At most 100 a
/// page.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Organization>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let found = if rights.holds("READ", &format!("{COLLECTION}/*")) {
        snapshot.queries().list_organizations(&page).await?
    } else {
        own(snapshot.queries(), cx, &rights, page).await?
    };
    Ok(Listing::cut(found, limit, |one| &one.organization_id).map(|one| wire(portcullis, &one)))
}

/// Those that the caller is a member of, as far as the caller's token reaches.
async fn own(
    queries: &mut dyn Queries,
    cx: &Cx,
    rights: &Rights,
    mut page: Page,
) -> Result<Vec<StoredOrganization>> {
    let wanted = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let mut kept: Vec<StoredOrganization> = Vec::new();
    loop {
        let batch = queries.organizations_of(cx.name(), &page).await?;
        let full = batch.len() == wanted;
        page.after = batch.last().map(|one| one.organization_id.clone());
        kept.extend(batch.into_iter().filter(|one| {
            let id = &one.organization_id;
            rights.token_covers("organization:read", &organization_resource(id))
                || rights.holds("READ", &management_resource(id))
        }));
        if !full || kept.len() >= wanted {
            kept.truncate(wanted);
            return Ok(kept);
        }
    }
}
