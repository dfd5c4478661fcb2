use portcullis_types::plan::Product;

use super::{COLLECTION, wire};
use crate::{Cx, Listing, PageRequest, Portcullis, Result};

/// Lists products; at most 100 a page.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without READ on `Portcullis:Products`; [`Error::Invalid`](crate::Error::Invalid).
pub async fn list(portcullis: &Portcullis, cx: &Cx, request: PageRequest) -> Result<Listing<Product>> {
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    let rights = portcullis.rights(cx).await?;
    if !rights.holds("READ", &format!("{COLLECTION}/*")) {
        rights.require("READ", COLLECTION)?;
    }
    let found = portcullis.read().await?.queries().list_products(&page).await?;
    Ok(Listing::cut(found, limit, |one| &one.product_id).map(|one| wire(portcullis, &one)))
}
