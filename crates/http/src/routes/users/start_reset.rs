use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/password/reset";

/// Mails a user a link to choose a password. Nobody else learns the link or the password, and the present one stays good until then.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "startPasswordReset",
    tag = "Users",
    params(UserId),
    responses(
        (status = 202, description = "A mail is on its way."),
        (status = 404, description = "There is no such profile, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "No mail can be sent, to this user or at all, or the user is disabled.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn start_reset(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    call.managed("user.start_reset", &user_id, user::start_reset(call.portcullis(), &call.cx, &user_id))
        .await?;
    Ok(StatusCode::ACCEPTED.into_response())
}
