use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::SessionId;

const PATH: &str = "/v1/auth/sessions/{sessionId}";

/// Ends one of the caller's sessions, or anybody's with UPDATE on `Portcullis:Sessions/{user}`: no token of it is good any more, here
/// at once and on other nodes within a second.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "endSession",
    tag = "Sign-in",
    params(SessionId),
    responses(
        (status = 204, description = "Ended."),
        (status = 404, description = "There is no such session that the caller may end, or it is over.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn end_session(call: Call, path: RawPath) -> Result<Response, Failure> {
    let session_id = path.get::<SessionId>()?;
    let work = session::end(call.portcullis(), &call.cx, &session_id);
    call.managed("session.end", &session_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
