use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/disable";

/// Disables a user: they cannot sign in, and every session and token of theirs ends, here at once and on other nodes within a second.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "disableUser",
    tag = "Users",
    params(UserId),
    responses(
        (status = 204, description = "Disabled, or was so before."),
        (status = 404, description = "There is no such profile, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn disable_user(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    call.managed("user.disable", &user_id, user::disable(call.portcullis(), &call.cx, &user_id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
