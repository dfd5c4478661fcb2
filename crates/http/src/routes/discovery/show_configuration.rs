use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::{OpenIdConfiguration, cacheable};
use crate::api::Api;

const PATH: &str = "/.well-known/openid-configuration";

/// Says where the keys are that verify this installation's tokens.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getOpenIdConfiguration",
    tag = "Discovery",
    responses((status = 200, description = "The configuration.", body = OpenIdConfiguration)),
)]
pub(super) async fn show_configuration(State(api): State<Api>) -> Response {
    let issuer = api.portcullis().public_url().to_owned();
    (cacheable(), Json(OpenIdConfiguration::of(issuer))).into_response()
}
