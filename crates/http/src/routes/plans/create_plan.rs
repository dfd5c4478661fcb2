use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::plan;
use portcullis_types::Problem;
use portcullis_types::plan::{Plan, PlanBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::ProductId;

const PATH: &str = "/v1/products/{productId}/plans";

/// Creates a plan of a product.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createPlan",
    tag = "Products",
    params(ProductId),
    request_body = PlanBody,
    responses(
        (status = 201, description = "What was made.", body = Plan),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_plan(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<PlanBody>,
) -> Result<Response, Failure> {
    let product_id = path.get::<ProductId>()?;
    let work = plan::create(call.portcullis(), &call.cx, &product_id, body);
    let made = call.managed("plan.create", &product_id, work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
