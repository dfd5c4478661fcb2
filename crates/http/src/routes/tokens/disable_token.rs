use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::token;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{TokenId, UserId};

const PATH: &str = "/v1/users/{userId}/tokens/{tokenId}";

/// Ends a user's token before its time.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "disableUserToken",
    tag = "Tokens",
    params(UserId, TokenId),
    responses(
        (status = 204, description = "Ended."),
        (status = 404, description = "There is no such token, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn disable_token(call: Call, path: RawPath) -> Result<Response, Failure> {
    let (user_id, token_id) = (path.get::<UserId>()?, path.get::<TokenId>()?);
    let work = token::disable(call.portcullis(), &call.cx, &user_id, &token_id);
    call.managed("token.disable", &token_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
