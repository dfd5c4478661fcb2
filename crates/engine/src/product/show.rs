use portcullis_types::plan::Product;

use super::{management_resource, wire};
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads a product.
///
/// # Errors
/// [`Error::NotFound`] also without READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, product_id: &str) -> Result<Product> {
    checked(portcullis_types::id::plain_id, "productId", product_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(product_id), false, "product")?;
    let product = portcullis.read().await?.queries().product(product_id).await?;
    Ok(wire(portcullis, &product.ok_or(Error::NotFound("product"))?))
}
