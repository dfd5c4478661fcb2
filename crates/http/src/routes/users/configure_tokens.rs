use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::Problem;
use portcullis_types::authress::{TokenConfigurationBody, UserIdentity};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/token-configuration";

/// Replaces how long a user's tokens live.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "setUserTokenConfiguration",
    tag = "Users",
    params(UserId),
    request_body = TokenConfigurationBody,
    responses(
        (status = 200, description = "The profile as it is now.", body = UserIdentity),
        (status = 404, description = "There is no such profile, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn configure_tokens(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<TokenConfigurationBody>,
) -> Result<Response, Failure> {
    Ok(Json(configure(&call, &path, body).await?).into_response())
}

/// What both addresses do.
pub(super) async fn configure(
    call: &Call,
    path: &RawPath,
    body: TokenConfigurationBody,
) -> Result<UserIdentity, Failure> {
    let user_id = path.get::<UserId>()?;
    let work = user::set_token_configuration(call.portcullis(), &call.cx, &user_id, body);
    call.managed("user.token_configuration", &user_id, work).await
}
