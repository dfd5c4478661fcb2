use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::session;
use portcullis_types::Problem;
use portcullis_types::auth::{VerifyAnswer, VerifyBody};

use super::visitor::Visitor;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/auth/verify";

/// Says whether an access token is good now, and whose it is. Of one that is not, nothing else is said.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "verifyToken",
    tag = "Sign-in",
    request_body = VerifyBody,
    responses(
        (status = 200, description = "The answer; `active: false` is one too.", body = VerifyAnswer),
        (status = 429, description = "Too many attempts from this address; `Retry-After` says when to try again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn verify(
    visitor: Visitor,
    JsonBody(body): JsonBody<VerifyBody>,
) -> Result<Response, Failure> {
    let answer = session::verify(visitor.api.portcullis(), body.token.expose()).await?;
    Ok(Json(answer).into_response())
}
