use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::role;
use portcullis_types::Problem;
use portcullis_types::authress::{Role, RoleBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/roles";

/// Creates a role.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createRole",
    tag = "Roles",
    request_body = RoleBody,
    responses(
        (status = 201, description = "The role.", body = Role),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_role(call: Call, JsonBody(body): JsonBody<RoleBody>) -> Result<Response, Failure> {
    let target = body.role_id.clone().unwrap_or_default();
    let work = role::create(call.portcullis(), &call.cx, body);
    let role = call.managed("role.create", &target, work).await?;
    Ok((StatusCode::CREATED, Json(role)).into_response())
}
