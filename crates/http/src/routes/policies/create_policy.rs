use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::policy;
use portcullis_types::Problem;
use portcullis_types::policy::{Policy, PolicyBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/policies";

/// Creates an attribute policy. It counts at once.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createPolicy",
    tag = "Guard",
    request_body = PolicyBody,
    responses(
        (status = 201, description = "The policy.", body = Policy),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_policy(
    call: Call,
    JsonBody(body): JsonBody<PolicyBody>,
) -> Result<Response, Failure> {
    let target = body.policy_id.clone().unwrap_or_default();
    let work = policy::create(call.portcullis(), &call.cx, body);
    let made = call.managed("policy.create", &target, work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
