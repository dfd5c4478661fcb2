use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use portcullis_types::Problem;

use super::{OpenIdConfiguration, cacheable};
use crate::api::Api;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::ClientId;

const PATH: &str = "/v1/clients/{clientId}/.well-known/openid-configuration";

/// Says where the keys are that verify a service client's own tokens.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getClientOpenIdConfiguration",
    tag = "Discovery",
    params(ClientId),
    responses(
        (status = 200, description = "The configuration.", body = OpenIdConfiguration),
        (status = 400, description = "The id is malformed.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such service client.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Storage does not answer.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_client_configuration(
    State(api): State<Api>,
    path: RawPath,
) -> Result<Response, Failure> {
    let client_id = path.get::<ClientId>()?;
    // For a client that exists; its id then has no character that a URL would have to escape.
    api.portcullis().client_jwks(&client_id).await?;
    let issuer = format!("{}/v1/clients/{client_id}", api.portcullis().public_url());
    Ok((cacheable(), Json(OpenIdConfiguration::of(issuer))).into_response())
}
