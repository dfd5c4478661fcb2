use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::user_override;
use portcullis_types::Problem;
use portcullis_types::policy::{Override, OverrideBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/overrides";

/// Creates an override. It counts at once.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createOverride",
    tag = "Guard",
    request_body = OverrideBody,
    responses(
        (status = 201, description = "The override.", body = Override),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_override(
    call: Call,
    JsonBody(body): JsonBody<OverrideBody>,
) -> Result<Response, Failure> {
    let target = body.override_id.clone().unwrap_or_default();
    let work = user_override::create(call.portcullis(), &call.cx, body);
    let made = call.managed("override.create", &target, work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
