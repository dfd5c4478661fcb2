use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis_types::Problem;
use portcullis_types::authress::{TokenConfigurationBody, UserIdentity};

use super::configure_tokens::configure;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}";

/// Replaces how long a user's tokens live, at the address where clients write it (spec `authress-api.md` §3.2).
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateUser",
    tag = "Users",
    params(UserId),
    request_body = TokenConfigurationBody,
    responses(
        (status = 200, description = "The profile as it is now.", body = UserIdentity),
        (status = 404, description = "There is no such profile, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn update_user(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<TokenConfigurationBody>,
) -> Result<Response, Failure> {
    Ok(Json(configure(&call, &path, body).await?).into_response())
}
