use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/enable";

/// Lets a user sign in again who was disabled. What ended stays ended.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "enableUser",
    tag = "Users",
    params(UserId),
    responses(
        (status = 204, description = "Enabled, or was so before."),
        (status = 404, description = "There is no such profile, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn enable_user(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    call.managed("user.enable", &user_id, user::enable(call.portcullis(), &call.cx, &user_id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
