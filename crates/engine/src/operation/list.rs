use portcullis_domain::StoredOperation;
use portcullis_types::operation::Operation;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists operations in the order of their ids. At most 100 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Portcullis:Operations`;
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Operation>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    portcullis.rights(cx).await?.require("READ", super::COLLECTION)?;
    let found = portcullis.read().await?.queries().list_operations(&page).await?;
    Ok(Listing::cut(found, limit, |one| &one.operation_id).map(|one: StoredOperation| one.wire()))
}
