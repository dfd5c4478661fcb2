use axum::response::Response;
use portcullis::{Cx, sign_in};
use portcullis_types::Problem;
use portcullis_types::auth::{ForgotPasswordBody, MailBoundAnswer};

use super::mail_bound::mail_bound;
use super::visitor::Visitor;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/auth/password/forgot";

/// Mails a link to choose another password, if somebody is registered with that address. The answer is always the same.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "forgotPassword",
    tag = "Sign-in",
    request_body = ForgotPasswordBody,
    responses(
        (status = 202, description = "A mail is on its way, if there is somebody to write to and the server sends mail.", body = MailBoundAnswer),
        (status = 429, description = "Too many attempts from this address; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn forgot_password(
    visitor: Visitor,
    JsonBody(body): JsonBody<ForgotPasswordBody>,
) -> Result<Response, Failure> {
    let cx = Cx::nobody(visitor.device.request_id.clone());
    sign_in::forgot_password(visitor.api.portcullis(), &cx, body).await?;
    Ok(mail_bound())
}
