use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::access;
use portcullis_types::Problem;
use portcullis_types::authress::UserRoleCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{ResourceUri, UserId};

const PATH: &str = "/v1/users/{userId}/resources/{resourceUri}/roles";

/// Says which roles a user was given on exactly this resource (spec `authress-api.md` §4.6).
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserRolesForResource",
    tag = "User permissions",
    params(UserId, ResourceUri),
    responses(
        (status = 200, description = "The roles.", body = UserRoleCollection),
        (status = 404, description = "None.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_roles(call: Call, path: RawPath) -> Result<Response, Failure> {
    let (user, uri) = (path.get::<UserId>()?, path.get::<ResourceUri>()?);
    let roles = access::roles(call.portcullis(), &call.cx, &user, &uri).await?;
    Ok(Json(roles).into_response())
}
