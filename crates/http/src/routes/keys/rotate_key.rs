use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::key;
use portcullis_types::Problem;
use portcullis_types::key::{KeySummary, RotateKeyBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/keys";

/// Begins to replace the signing key of an algorithm.
///
/// The new key is published at once and signs after `key_publish_secs`; the one that it replaces then verifies for another 30 days, the
/// longest that a token lives. Where nothing signs with the algorithm yet, the new key is active at once.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "rotateSigningKey",
    tag = "Keys",
    request_body = RotateKeyBody,
    responses(
        (status = 201, description = "The new key.", body = KeySummary),
        (status = 409, description = "A key of the algorithm is next already.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn rotate_key(
    call: Call,
    JsonBody(body): JsonBody<RotateKeyBody>,
) -> Result<Response, Failure> {
    let made = call.managed("key.create", "", key::rotate(call.portcullis(), &call.cx, body)).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
