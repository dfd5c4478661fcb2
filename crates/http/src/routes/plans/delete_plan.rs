use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::plan;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{PlanId, ProductId};

const PATH: &str = "/v1/products/{productId}/plans/{planId}";

/// Deletes a plan that no subscription names.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deletePlan",
    tag = "Products",
    params(ProductId, PlanId),
    responses(
        (status = 204, description = "Done."),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Subscriptions name it.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_plan(call: Call, path: RawPath) -> Result<Response, Failure> {
    let product_id = path.get::<ProductId>()?;
    let plan_id = path.get::<PlanId>()?;
    let work = plan::delete(call.portcullis(), &call.cx, &product_id, &plan_id);
    call.managed("plan.delete", &plan_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
