use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;
use portcullis_types::auth::{RefreshBody, TokenBody};

use super::visitor::Visitor;
use crate::failure::Failure;
use crate::input::MaybeJson;

const PATH: &str = "/v1/auth/refresh";

/// Gives new tokens for a refresh token, which is used up, or a new access token for the current one, sent as bearer: while it is
/// good and for 24 hours after. A refresh token counts alone, whatever the bearer beside it is worth.
///
/// A refresh token that is used again within the grace (10 seconds unless configured) gives the same successor; later it ends
/// the session.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "refreshSession",
    tag = "Sign-in",
    request_body = Option<RefreshBody>,
    responses(
        (status = 200, description = "The tokens. The refresh token is absent when the access token was refreshed.", body = TokenBody),
        (status = 401, description = "No token was sent, or it is not good for this; `errorCode` says why (`token_expired`, `token_revoked`, `user_inactive`, …).", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts from this address; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn refresh(
    visitor: Visitor,
    MaybeJson(body): MaybeJson<RefreshBody>,
) -> Result<Response, Failure> {
    let presented = visitor.presented(body.refresh_token)?;
    let tokens = session::refresh(visitor.api.portcullis(), visitor.device, presented).await?;
    Ok(Json(tokens).into_response())
}
