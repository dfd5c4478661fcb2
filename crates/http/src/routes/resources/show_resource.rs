use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::resource;
use portcullis_types::Problem;
use portcullis_types::authress::PermissionedResource;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ResourceUri;

const PATH: &str = "/v1/resources/{resourceUri}";

/// Reads a resource's configuration.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getPermissionedResource",
    tag = "Resources",
    params(ResourceUri),
    responses(
        (status = 200, description = "The configuration.", body = PermissionedResource),
        (status = 404, description = "The resource is not configured.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_resource(call: Call, path: RawPath) -> Result<Response, Failure> {
    let uri = path.get::<ResourceUri>()?;
    let work = resource::show(call.portcullis(), &call.cx, &uri);
    Ok(Json(call.managed("resource.read", &uri, work).await?).into_response())
}
