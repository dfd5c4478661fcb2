use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth;
use portcullis_types::oauth::ServerMetadata;

use super::cacheable;
use crate::api::Api;

const PATH: &str = "/.well-known/openid-configuration";

/// Says what this installation offers to applications, and where its keys are (OpenID Connect Discovery §4).
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getOpenIdConfiguration",
    tag = "Discovery",
    responses((status = 200, description = "The configuration.", body = ServerMetadata)),
)]
pub(super) async fn show_configuration(State(api): State<Api>) -> Response {
    (cacheable(), Json(oauth::metadata(api.portcullis()))).into_response()
}
