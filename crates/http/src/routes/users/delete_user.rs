use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}";

/// Deletes a user's profile and ends the user's tokens.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteUser",
    tag = "Users",
    params(UserId),
    responses(
        (status = 202, description = "Deleted; that counts already."),
        (status = 404, description = "There is no such profile, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_user(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    call.managed("user.delete", &user_id, user::delete(call.portcullis(), &call.cx, &user_id)).await?;
    // 202 and not 204: the status that clients know (spec `authress-api.md` §3.2).
    Ok(StatusCode::ACCEPTED.into_response())
}
