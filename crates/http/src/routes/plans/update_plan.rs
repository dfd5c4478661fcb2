use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::plan;
use portcullis_types::Problem;
use portcullis_types::plan::{Plan, PlanBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{PlanId, ProductId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/products/{productId}/plans/{planId}";

/// Replaces a plan; what subscriptions to it allow changes at once.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updatePlan",
    tag = "Products",
    params(ProductId, PlanId, UnmodifiedSinceHeader),
    request_body = PlanBody,
    responses(
        (status = 200, description = "As it is now.", body = Plan),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_plan(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<PlanBody>,
) -> Result<Response, Failure> {
    let product_id = path.get::<ProductId>()?;
    let plan_id = path.get::<PlanId>()?;
    let work = plan::update(call.portcullis(), &call.cx, (&product_id, &plan_id), body, since.0);
    let answer = call.managed("plan.update", &plan_id, work).await?;
    Ok(Json(answer).into_response())
}
