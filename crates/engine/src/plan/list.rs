use portcullis_types::plan::Plan;

use super::wire;
use crate::access::checked;
use crate::product::management_resource;
use crate::{Cx, Error, Listing, PageRequest, Portcullis, Result};

/// Lists a product's plans; at most 100 a page.
///
/// # Errors
/// [`Error::NotFound`] also without READ on the product; [`Error::Invalid`].
pub async fn list(
    portcullis: &Portcullis,
    cx: &Cx,
    product_id: &str,
    request: PageRequest,
) -> Result<Listing<Plan>> {
    checked(portcullis_types::id::plain_id, "productId", product_id)?;
    let limit = request.limit(100)?;
    let page = request.store_page(100, 64)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(product_id), false, "product")?;
    let mut snapshot = portcullis.read().await?;
    snapshot.queries().product(product_id).await?.ok_or(Error::NotFound("product"))?;
    let found = snapshot.queries().list_plans(product_id, &page).await?;
    Ok(Listing::cut(found, limit, |one| &one.plan_id).map(|one| wire(portcullis, &one)))
}
