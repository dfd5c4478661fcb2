use portcullis_store::{ChangeKind, Page};

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes a product that has no plans.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it; [`Error::Conflict`] while it has plans.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, product_id: &str) -> Result<()> {
    checked(portcullis_types::id::plain_id, "productId", product_id)?;
    let (portcullis, cx, id) = (portcullis.clone(), cx.clone(), product_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&id), false, "product")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        unit.queries().product_for_update(&id).await?.ok_or(Error::NotFound("product"))?;
        if !unit.queries().list_plans(&id, &Page::first(1)).await?.is_empty() {
            return Err(Error::Conflict("the product has plans"));
        }
        unit.queries().delete_product(&id).await?;
        unit.changed(ChangeKind::Product, &id);
        unit.audit("product.delete", &id, None);
        unit.commit().await
    })
    .await
}
