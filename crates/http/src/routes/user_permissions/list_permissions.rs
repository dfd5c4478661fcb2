use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::access;
use portcullis_types::Problem;
use portcullis_types::authress::PermissionCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{ResourceUri, UserId};

const PATH: &str = "/v1/users/{userId}/resources/{resourceUri}/permissions";

/// Says everything that a user may do on a resource, inherited rights included (spec `authress-api.md` §4.6).
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserPermissionsForResource",
    tag = "User permissions",
    params(UserId, ResourceUri),
    responses(
        (status = 200, description = "What the user may do.", body = PermissionCollection),
        (status = 404, description = "Nothing.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_permissions(call: Call, path: RawPath) -> Result<Response, Failure> {
    let (user, uri) = (path.get::<UserId>()?, path.get::<ResourceUri>()?);
    let permissions = access::permissions(call.portcullis(), &call.cx, &user, &uri).await?;
    Ok(Json(permissions).into_response())
}
