use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth;
use portcullis_types::oauth::ServerMetadata;

use crate::api::Api;
use crate::routes::discovery::cacheable;

const PATH: &str = "/.well-known/oauth-authorization-server";

/// Says what this authorization server offers (RFC 8414). The same document as OpenID Connect's.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getServerMetadata",
    tag = "Discovery",
    responses((status = 200, description = "The metadata.", body = ServerMetadata)),
)]
pub(super) async fn show_server_metadata(State(api): State<Api>) -> Response {
    (cacheable(), Json(oauth::metadata(api.portcullis()))).into_response()
}
