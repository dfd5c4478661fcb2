use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::resource;
use portcullis_types::authress::{PermissionedResource, PermissionedResourceBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::ResourceUri;

const PATH: &str = "/v1/resources/{resourceUri}";

/// Replaces a resource's configuration.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updatePermissionedResource",
    tag = "Resources",
    params(ResourceUri),
    request_body = PermissionedResourceBody,
    responses(
        (status = 200, description = "The configuration as it is now.", body = PermissionedResource),
    ),
)]
pub(super) async fn update_resource(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<PermissionedResourceBody>,
) -> Result<Response, Failure> {
    let uri = path.get::<ResourceUri>()?;
    let work = resource::update(call.portcullis(), &call.cx, &uri, body);
    Ok(Json(call.managed("resource.update", &uri, work).await?).into_response())
}
