use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::role;
use portcullis_types::Problem;
use portcullis_types::authress::{Role, RoleBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::RoleId;

const PATH: &str = "/v1/roles/{roleId}";

/// Replaces a role; what records grant through it changes at once.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateRole",
    tag = "Roles",
    params(RoleId),
    request_body = RoleBody,
    responses(
        (status = 200, description = "The role as it is now.", body = Role),
        (status = 404, description = "There is no such role, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A built-in role cannot be changed.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn update_role(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<RoleBody>,
) -> Result<Response, Failure> {
    let role_id = path.get::<RoleId>()?;
    let work = role::update(call.portcullis(), &call.cx, &role_id, body);
    let role = call.managed("role.update", &role_id, work).await?;
    Ok(Json(role).into_response())
}
