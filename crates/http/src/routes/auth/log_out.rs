use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;
use portcullis_types::auth::RefreshBody;

use super::visitor::Visitor;
use crate::failure::Failure;
use crate::input::MaybeJson;

const PATH: &str = "/v1/auth/logout";

/// Ends the session of the bearer, of the refresh token, or of both: no token of it is good any more, here at once and on other
/// nodes within a second. A bearer without a session is disabled.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "logOut",
    tag = "Sign-in",
    request_body = Option<RefreshBody>,
    responses(
        (status = 204, description = "Logged out."),
        (status = 401, description = "No token was sent, or none is good; `errorCode` says why.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts from this address; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn log_out(
    visitor: Visitor,
    MaybeJson(body): MaybeJson<RefreshBody>,
) -> Result<Response, Failure> {
    let presented = visitor.presented(body.refresh_token)?;
    session::log_out(visitor.api.portcullis(), visitor.device, presented).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
