use portcullis_domain::StoredPlan;
use portcullis_store::ChangeKind;
use portcullis_types::plan::{Plan, PlanBody};

use super::{check_size, of_product, wire};
use crate::access::checked;
use crate::change::Unit;
use crate::product::management_resource;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces a plan; what subscriptions to it allow changes at once.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on the product; [`Error::ChangedSince`]; [`Error::TooLarge`];
/// [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    (product_id, plan_id): (&str, &str),
    body: PlanBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Plan> {
    checked(portcullis_types::id::plain_id, "productId", product_id)?;
    checked(portcullis_types::id::plain_id, "planId", plan_id)?;
    crate::access::same("planId", body.plan_id.as_deref(), plan_id)?;
    crate::access::same("productId", body.product_id.as_deref(), product_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (product_id, id) = (product_id.to_owned(), plan_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&product_id), false, "product")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let product = unit.queries().product_for_update(&product_id).await?;
        let product = product.ok_or(Error::NotFound("product"))?;
        let stored = of_product(unit.queries().plan_for_update(&id).await?, &product_id)?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let at = portcullis.change_time(Some(stored.updated_at));
        let plan = StoredPlan::from_body(body, id, &product, at)?;
        check_size(&plan)?;
        unit.queries().update_plan(&plan).await?;
        unit.changed(ChangeKind::Product, &product_id);
        unit.audit("plan.update", &plan.plan_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &plan))
    })
    .await
}
