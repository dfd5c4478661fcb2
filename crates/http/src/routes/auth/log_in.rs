use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;
use portcullis_types::auth::{LoginBody, TokenBody};

use super::visitor::Visitor;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/auth/login";

/// Signs a person in and opens a session on their device. The answer is the same for a wrong password, an address that nobody
/// has, and a person who may not sign in.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "logIn",
    tag = "Sign-in",
    request_body = LoginBody,
    responses(
        (status = 200, description = "The tokens, in this answer only.", body = TokenBody),
        (status = 401, description = "`invalid_credentials`.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`email_not_verified`: the password was right, and the pool asks for an address that is proven.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many attempts, for this address or with this e-mail address; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn log_in(
    visitor: Visitor,
    JsonBody(body): JsonBody<LoginBody>,
) -> Result<Response, Failure> {
    let tokens = session::log_in(visitor.api.portcullis(), visitor.device, body).await?;
    Ok(Json(tokens).into_response())
}
