use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::role;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::RoleId;

const PATH: &str = "/v1/roles/{roleId}";

/// Deletes a role. Records that name it stay, and stop granting it.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteRole",
    tag = "Roles",
    params(RoleId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such role, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A built-in role cannot be changed.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_role(call: Call, path: RawPath) -> Result<Response, Failure> {
    let role_id = path.get::<RoleId>()?;
    call.managed("role.delete", &role_id, role::delete(call.portcullis(), &call.cx, &role_id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
