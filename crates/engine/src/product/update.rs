use portcullis_domain::StoredProduct;
use portcullis_store::ChangeKind;
use portcullis_types::plan::{Product, ProductBody};

use super::{management_resource, wire};
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces a product. A plan keeps the version that it names.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it; [`Error::ChangedSince`]; [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    product_id: &str,
    body: ProductBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Product> {
    checked(portcullis_types::id::plain_id, "productId", product_id)?;
    crate::access::same("productId", body.product_id.as_deref(), product_id)?;
    let (portcullis, cx, id) = (portcullis.clone(), cx.clone(), product_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&id), false, "product")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().product_for_update(&id).await?.ok_or(Error::NotFound("product"))?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let at = portcullis.change_time(Some(stored.updated_at));
        let product = StoredProduct::from_body(body, id, at)?;
        unit.queries().update_product(&product).await?;
        unit.changed(ChangeKind::Product, &product.product_id);
        unit.audit("product.update", &product.product_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &product))
    })
    .await
}
