use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::plan;
use portcullis_types::Problem;
use portcullis_types::plan::Plan;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{PlanId, ProductId};

const PATH: &str = "/v1/products/{productId}/plans/{planId}";

/// Reads a plan.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "showPlan",
    tag = "Products",
    params(ProductId, PlanId),
    responses(
        (status = 200, description = "As it is now.", body = Plan),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_plan(call: Call, path: RawPath) -> Result<Response, Failure> {
    let product_id = path.get::<ProductId>()?;
    let plan_id = path.get::<PlanId>()?;
    let work = plan::show(call.portcullis(), &call.cx, &product_id, &plan_id);
    let answer = call.managed("plan.read", &plan_id, work).await?;
    Ok(Json(answer).into_response())
}
