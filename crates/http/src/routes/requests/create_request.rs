use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::request;
use portcullis_types::Problem;
use portcullis_types::authress::{AccessRequest, AccessRequestBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/requests";

/// Asks for access. Anybody may ask.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createRequest",
    tag = "Access requests",
    request_body = AccessRequestBody,
    responses(
        (status = 201, description = "The request, `OPEN`.", body = AccessRequest),
        (status = 422, description = "The content is out of bounds.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_request(
    call: Call,
    JsonBody(body): JsonBody<AccessRequestBody>,
) -> Result<Response, Failure> {
    let work = request::create(call.portcullis(), &call.cx, body);
    let request = call.managed("request.create", "", work).await?;
    Ok((StatusCode::CREATED, Json(request)).into_response())
}
