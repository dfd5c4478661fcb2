use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use portcullis::jose::JwkSet;

use super::cacheable;
use crate::api::Api;

const PATH: &str = "/.well-known/openid-configuration/jwks";

/// Lists the public keys that verify this installation's tokens (RFC 7517 §5).
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getKeys",
    tag = "Discovery",
    responses((status = 200, description = "The keys.", body = JwkSet)),
)]
pub(super) async fn list_keys(State(api): State<Api>) -> Response {
    (cacheable(), Json(api.portcullis().jwks())).into_response()
}
