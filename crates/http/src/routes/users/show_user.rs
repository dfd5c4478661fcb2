use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::Problem;
use portcullis_types::authress::UserIdentity;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}";

/// Reads a user's profile.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUser",
    tag = "Users",
    params(UserId),
    responses(
        (status = 200, description = "The profile.", body = UserIdentity),
        (status = 404, description = "There is no such profile, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_user(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    let profile =
        call.managed("user.read", &user_id, user::show(call.portcullis(), &call.cx, &user_id)).await?;
    Ok(Json(profile).into_response())
}
