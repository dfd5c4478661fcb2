use axum::response::{IntoResponse as _, Response};
use portcullis::oauth;

use super::introspect_token::TokenInQuestion;
use super::{Form, OAuthCall, OAuthRefusal, OAuthRefusals, uncached};

const PATH: &str = "/oauth2/revoke";

/// Gives a token up (RFC 7009). With a refresh token everything goes that was given with it. The answer is the same for a token that is not
/// known, and for another application's, which stays as it is.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "revokeToken",
    tag = "OAuth",
    request_body(content = TokenInQuestion, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token is worth nothing to this application."), OAuthRefusals),
)]
pub(super) async fn revoke_token(call: OAuthCall, Form(parameters): Form) -> Result<Response, OAuthRefusal> {
    let (authorization, device) = (call.authorization.as_deref(), call.device.clone());
    let answer = oauth::revoke(call.api.portcullis(), authorization, &parameters, device).await;
    call.answered(answer)?;
    Ok(uncached().into_response())
}
