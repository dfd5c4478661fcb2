use portcullis_domain::StoredPolicy;
use portcullis_types::policy::Policy;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists policies in the order of their ids. At most 100 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Portcullis:Policies`;
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Policy>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    portcullis.rights(cx).await?.require("READ", super::COLLECTION)?;
    let found = portcullis.read().await?.queries().list_policies(&page).await?;
    Ok(Listing::cut(found, limit, |one| &one.policy_id).map(|one: StoredPolicy| one.wire()))
}
