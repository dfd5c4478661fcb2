use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use portcullis_types::protected_resource::ProtectedResourceMetadata;

use super::cacheable;
use crate::api::Api;

/// Where RFC 9728 §3 wants it: the API's identifier is the public URL, which has no path.
pub(crate) const PATH: &str = "/.well-known/oauth-protected-resource";

/// Says who gives access tokens for the API under `/v1`: this installation itself (RFC 9728).
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getProtectedResourceMetadata",
    tag = "Discovery",
    responses((status = 200, description = "The metadata.", body = ProtectedResourceMetadata)),
)]
pub(super) async fn show_protected_resource(State(api): State<Api>) -> Response {
    let public_url = api.portcullis().public_url();
    let metadata = ProtectedResourceMetadata {
        resource: public_url.to_owned(),
        authorization_servers: vec![public_url.to_owned()],
        bearer_methods_supported: vec!["header".to_owned()],
        resource_name: Some("Portcullis".to_owned()),
        ..ProtectedResourceMetadata::default()
    };
    (cacheable(), Json(metadata)).into_response()
}
