use portcullis_domain::StoredPlan;
use portcullis_store::ChangeKind;
use portcullis_types::plan::{Plan, PlanBody};

use super::{check_size, wire};
use crate::access::checked;
use crate::change::Unit;
use crate::product::management_resource;
use crate::{Cx, Error, Portcullis, Result};

/// Creates a plan of a product.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on the product; [`Error::Conflict`] when the id is in use;
/// [`Error::TooLarge`]; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, product_id: &str, body: PlanBody) -> Result<Plan> {
    checked(portcullis_types::id::plain_id, "productId", product_id)?;
    crate::access::same("productId", body.product_id.as_deref(), product_id)?;
    let (portcullis, cx, product_id) = (portcullis.clone(), cx.clone(), product_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&product_id), false, "product")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let product = unit.queries().product_for_update(&product_id).await?;
        let product = product.ok_or(Error::NotFound("product"))?;
        let id = match &body.plan_id {
            Some(id) => id.clone(),
            None => portcullis.mint("plan_")?,
        };
        let plan = StoredPlan::from_body(body, id, &product, portcullis.change_time(None))?;
        check_size(&plan)?;
        if !unit.queries().insert_plan(&plan).await? {
            return Err(Error::Conflict("a plan of this id exists"));
        }
        unit.changed(ChangeKind::Product, &plan.product_id);
        unit.audit("plan.create", &plan.plan_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &plan))
    })
    .await
}
