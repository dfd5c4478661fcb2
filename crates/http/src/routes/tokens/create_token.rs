use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::token;
use portcullis_types::Problem;
use portcullis_types::authress::{TokenRequest, UserToken};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::UserId;

const PATH: &str = "/v1/users/{userId}/tokens";

/// Mints a token for a user that can do only what its statements grant *and* the user may.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "requestUserToken",
    tag = "Tokens",
    params(UserId),
    request_body = TokenRequest,
    responses(
        (status = 200, description = "The token, in this answer only.", body = UserToken),
        (status = 404, description = "There is no such user, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_token(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<TokenRequest>,
) -> Result<Response, Failure> {
    let user_id = path.get::<UserId>()?;
    let work = token::create(call.portcullis(), &call.cx, &user_id, body);
    Ok(Json(call.managed("token.create", &user_id, work).await?).into_response())
}
