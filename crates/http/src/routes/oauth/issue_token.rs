use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth;
use portcullis_types::Sensitive;
use portcullis_types::oauth::TokenResponse;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Form, OAuthCall, OAuthRefusal, OAuthRefusals, uncached};

const PATH: &str = "/oauth2/token";

/// What the token endpoint reads. Which parameters are needed, the grant says; each may come once.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct TokenForm {
    /// `authorization_code`, `refresh_token`, `client_credentials` or `urn:ietf:params:oauth:grant-type:device_code`.
    grant_type: String,
    /// The application's id, unless the header `Authorization` names it.
    client_id: Option<String>,
    /// Its secret, if that is how it proves to be itself.
    client_secret: Option<Sensitive>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer` with a `client_assertion`.
    client_assertion_type: Option<String>,
    /// A token that it signed itself (RFC 7523).
    client_assertion: Option<Sensitive>,
    /// What is asked for, separated by spaces.
    scope: Option<String>,
    /// The one resource that the access token is for (RFC 8707); also named `audience`.
    resource: Option<String>,
    /// The code, with `authorization_code`.
    code: Option<Sensitive>,
    /// Where the code was sent to.
    redirect_uri: Option<String>,
    /// What the code's challenge was made of (RFC 7636).
    code_verifier: Option<Sensitive>,
    /// The refresh token, with `refresh_token`.
    refresh_token: Option<Sensitive>,
    /// The device code, with the device grant.
    device_code: Option<Sensitive>,
}

/// Gives an application tokens (RFC 6749 §3.2). Which grants there are, discovery says.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "issueToken",
    tag = "OAuth",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The tokens, in this answer only.", body = TokenResponse),
        OAuthRefusals,
    ),
)]
pub(super) async fn issue_token(call: OAuthCall, Form(parameters): Form) -> Result<Response, OAuthRefusal> {
    let (authorization, device) = (call.authorization.as_deref(), call.device.clone());
    let answer = oauth::token(call.api.portcullis(), authorization, &parameters, device).await;
    Ok((uncached(), Json(call.answered(answer)?)).into_response())
}
