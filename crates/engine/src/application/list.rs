use portcullis_types::application::Application;

use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists applications in the order of their ids; the filter looks into id and name. At most 100 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Portcullis:Applications`; [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Application>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    portcullis.rights(cx).await?.require("READ", super::COLLECTION)?;
    let found = portcullis.read().await?.queries().list_applications(&page).await?;
    Ok(Listing::cut(found, limit, |one| &one.application_id))
}
