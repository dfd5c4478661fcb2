use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::sign_in::{self, Registered};
use portcullis::{Cx, session};
use portcullis_types::Problem;
use portcullis_types::auth::{MailBoundAnswer, RegisterBody, TokenBody};

use super::mail_bound::mail_bound;
use super::visitor::Visitor;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/auth/register";

/// Registers a person with an address and a password. Where the server sends mail, the answer is always 202, and a mail tells
/// the rest; without it the person is signed in at once.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "register",
    tag = "Sign-in",
    request_body = RegisterBody,
    responses(
        (status = 201, description = "Without a mailer: the tokens of a first session, in this answer only.", body = TokenBody),
        (status = 202, description = "With a mailer: a mail is on its way.", body = MailBoundAnswer),
        (status = 403, description = "`registration_closed`: nobody registers themselves in this user pool.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`email_taken`, without a mailer only.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts from this address; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn register(
    visitor: Visitor,
    JsonBody(body): JsonBody<RegisterBody>,
) -> Result<Response, Failure> {
    let portcullis = visitor.api.portcullis();
    let cx = Cx::nobody(visitor.device.request_id.clone());
    match sign_in::register(portcullis, &cx, body).await? {
        Registered::MailBound => Ok(mail_bound()),
        Registered::Created(user) => {
            let tokens = session::open(portcullis, visitor.device, &user.user_id, &["pwd"]).await?;
            Ok((StatusCode::CREATED, Json(tokens)).into_response())
        }
    }
}
