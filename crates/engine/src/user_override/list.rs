use portcullis_domain::StoredOverride;
use portcullis_types::policy::Override;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists overrides in the order of their ids. At most 100 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Portcullis:Overrides`;
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Override>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    portcullis.rights(cx).await?.require("READ", super::COLLECTION)?;
    let found = portcullis.read().await?.queries().list_overrides(&page).await?;
    Ok(Listing::cut(found, limit, |one| &one.override_id).map(|one: StoredOverride| one.wire()))
}
