use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/sessions";

/// Ends every session of a user, and disables their tokens that have none. Takes UPDATE on `Portcullis:Sessions/{userId}`.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "endUserSessions",
    tag = "Sign-in",
    params(UserId),
    responses(
        (status = 204, description = "Ended."),
        (status = 404, description = "The caller may not know of this user's sessions.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn end_user_sessions(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    let work = session::end_every(call.portcullis(), &call.cx, &user_id);
    call.managed("session.end_all", &user_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
