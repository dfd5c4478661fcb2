use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::{Cx, sign_in};
use portcullis_types::Problem;
use portcullis_types::auth::ResetPasswordBody;

use super::visitor::Visitor;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/auth/password/reset";

/// Sets another password with the token of a link that was mailed: it works once, and for ten minutes. Every session ends. A
/// password that is refused leaves the link good.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "resetPassword",
    tag = "Sign-in",
    request_body = ResetPasswordBody,
    responses(
        (status = 204, description = "Set."),
        (status = 429, description = "Too many attempts from this address; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn reset_password(
    visitor: Visitor,
    JsonBody(body): JsonBody<ResetPasswordBody>,
) -> Result<Response, Failure> {
    let cx = Cx::nobody(visitor.device.request_id.clone());
    sign_in::reset_password(visitor.api.portcullis(), &cx, body).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
