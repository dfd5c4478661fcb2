use portcullis_store::ChangeKind;

use super::of_product;
use crate::access::checked;
use crate::change::Unit;
use crate::product::management_resource;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes a plan that no subscription names. To sell it no more, make it inactive.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on the product; [`Error::Conflict`] while subscriptions name it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, product_id: &str, plan_id: &str) -> Result<()> {
    checked(portcullis_types::id::plain_id, "productId", product_id)?;
    checked(portcullis_types::id::plain_id, "planId", plan_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (product_id, id) = (product_id.to_owned(), plan_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&product_id), false, "product")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        of_product(unit.queries().plan_for_update(&id).await?, &product_id)?;
        if unit.queries().is_plan_used(&id).await? {
            return Err(Error::Conflict("subscriptions name the plan"));
        }
        unit.queries().delete_plan(&id).await?;
        unit.changed(ChangeKind::Product, &product_id);
        unit.audit("plan.delete", &id, None);
        unit.commit().await
    })
    .await
}
