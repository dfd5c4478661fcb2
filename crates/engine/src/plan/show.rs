use portcullis_types::plan::Plan;

use super::{of_product, wire};
use crate::access::checked;
use crate::product::management_resource;
use crate::{Cx, Portcullis, Result};

/// Reads a plan.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) also without READ on its product.
pub async fn show(portcullis: &Portcullis, cx: &Cx, product_id: &str, plan_id: &str) -> Result<Plan> {
    checked(portcullis_types::id::plain_id, "productId", product_id)?;
    checked(portcullis_types::id::plain_id, "planId", plan_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(product_id), false, "product")?;
    let plan = portcullis.read().await?.queries().plan(plan_id).await?;
    Ok(wire(portcullis, &of_product(plan, product_id)?))
}
