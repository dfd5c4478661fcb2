use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::sign_in;
use portcullis_types::Problem;
use portcullis_types::auth::ChangePasswordBody;

use crate::attempt::Attempt;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/auth/password";

/// Changes the password of whoever calls, who must know the present one: a wrong one counts as a failed sign-in. Every other
/// session ends.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "changePassword",
    tag = "Sign-in",
    request_body = ChangePasswordBody,
    responses(
        (status = 204, description = "Changed."),
        (status = 401, description = "The bearer is not good, or the present password is another one (`invalid_credentials`).", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn change_password(
    call: Call,
    _attempt: Attempt,
    JsonBody(body): JsonBody<ChangePasswordBody>,
) -> Result<Response, Failure> {
    let work = sign_in::change_password(call.portcullis(), &call.cx, body);
    call.managed("user.password_change", call.cx.name(), work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
