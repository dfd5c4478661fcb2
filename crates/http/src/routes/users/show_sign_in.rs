use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::Problem;
use portcullis_types::sign_in::SignInStatus;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/sign-in";

/// Reads how a user stands with signing in: whether they may, whether they have a password, how often it was wrong.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserSignIn",
    tag = "Users",
    params(UserId),
    responses(
        (status = 200, description = "The user.", body = SignInStatus),
        (status = 404, description = "There is no such profile, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_sign_in(call: Call, path: RawPath) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    let work = user::sign_in_status(call.portcullis(), &call.cx, &user_id);
    let status = call.managed("user.read", &user_id, work).await?;
    Ok(Json(status).into_response())
}
