use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::request;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::RequestIdParam;

const PATH: &str = "/v1/requests/{requestId}";

/// Withdraws an access request.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteRequest",
    tag = "Access requests",
    params(RequestIdParam),
    responses(
        (status = 204, description = "Withdrawn."),
        (status = 404, description = "There is no such request, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_request(call: Call, path: RawPath) -> Result<Response, Failure> {
    let request_id = path.get::<RequestIdParam>()?;
    call.managed("request.delete", &request_id, request::delete(call.portcullis(), &call.cx, &request_id))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
