use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::role;
use portcullis_types::Problem;
use portcullis_types::authress::Role;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::RoleId;

const PATH: &str = "/v1/roles/{roleId}";

/// Reads a role.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getRole",
    tag = "Roles",
    params(RoleId),
    responses(
        (status = 200, description = "The role.", body = Role),
        (status = 404, description = "There is no such role, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_role(call: Call, path: RawPath) -> Result<Response, Failure> {
    let role_id = path.get::<RoleId>()?;
    let role = call.managed("role.read", &role_id, role::show(call.portcullis(), &call.cx, &role_id)).await?;
    Ok(Json(role).into_response())
}
