use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use portcullis::jose::JwkSet;
use portcullis_types::Problem;

use super::cacheable;
use crate::api::Api;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ClientId;

const PATH: &str = "/v1/clients/{clientId}/.well-known/openid-configuration/jwks";

/// Lists the public keys that verify a service client's own tokens (RFC 7517 §5).
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getClientKeys",
    tag = "Discovery",
    params(ClientId),
    responses(
        (status = 200, description = "The keys.", body = JwkSet),
        (status = 400, description = "The id is malformed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such service client.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Storage does not answer.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_client_keys(State(api): State<Api>, path: RawPath) -> Result<Response, Failure> {
    let keys = api.portcullis().client_jwks(&path.get::<ClientId>()?).await?;
    Ok((cacheable(), Json(keys)).into_response())
}
