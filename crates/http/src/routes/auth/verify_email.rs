use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::{Cx, sign_in};
use portcullis_types::Problem;
use portcullis_types::auth::VerifyEmailBody;

use super::visitor::Visitor;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/auth/email/verify";

/// Proves an address with the token of a link that was mailed there: it works once, and for ten minutes.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "verifyEmail",
    tag = "Sign-in",
    request_body = VerifyEmailBody,
    responses(
        (status = 204, description = "Proven."),
        (status = 429, description = "Too many attempts from this address; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn verify_email(
    visitor: Visitor,
    JsonBody(body): JsonBody<VerifyEmailBody>,
) -> Result<Response, Failure> {
    let cx = Cx::nobody(visitor.device.request_id.clone());
    sign_in::verify_email(visitor.api.portcullis(), &cx, &body.token).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
