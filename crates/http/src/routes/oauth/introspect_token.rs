use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::oauth;
use portcullis_types::Sensitive;
use portcullis_types::oauth::Introspection;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Form, OAuthCall, OAuthRefusal, OAuthRefusals, uncached};

const PATH: &str = "/oauth2/introspect";

/// A token that is asked about or given up. How the application proves to be itself is as at the token endpoint.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct TokenInQuestion {
    /// An access token or a refresh token.
    token: Sensitive,
    /// Which of both it is; not needed.
    token_type_hint: Option<String>,
    /// The application's id, unless the header `Authorization` names it.
    client_id: Option<String>,
    /// Its secret, if that is how it proves to be itself.
    client_secret: Option<Sensitive>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer` with a `client_assertion`.
    client_assertion_type: Option<String>,
    /// A token that it signed itself (RFC 7523).
    client_assertion: Option<Sensitive>,
}

/// Says what a token is worth to the application that asks (RFC 7662): one that it was issued to, or is for. Of every other, only that
/// it is worth nothing.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "introspectToken",
    tag = "OAuth",
    request_body(content = TokenInQuestion, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The answer; `active: false` is one too.", body = Introspection),
        OAuthRefusals,
    ),
)]
pub(super) async fn introspect_token(
    call: OAuthCall,
    Form(parameters): Form,
) -> Result<Response, OAuthRefusal> {
    let answer = oauth::introspect(call.api.portcullis(), call.authorization.as_deref(), &parameters).await;
    Ok((uncached(), Json(call.answered(answer)?)).into_response())
}
