use portcullis_domain::StoredProduct;
use portcullis_store::ChangeKind;
use portcullis_types::plan::{Product, ProductBody};

use super::{COLLECTION, wire};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Creates a product.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Portcullis:Products`; [`Error::Conflict`] when the id is in use; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: ProductBody) -> Result<Product> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        portcullis.rights(&cx).await?.require_create(COLLECTION)?;
        let id = match &body.product_id {
            Some(id) => id.clone(),
            None => portcullis.mint("prod_")?,
        };
        let product = StoredProduct::from_body(body, id, portcullis.change_time(None))?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().insert_product(&product).await? {
            return Err(Error::Conflict("a product of this id exists"));
        }
        unit.changed(ChangeKind::Product, &product.product_id);
        unit.audit("product.create", &product.product_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &product))
    })
    .await
}
