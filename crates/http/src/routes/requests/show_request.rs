use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::request;
use portcullis_types::Problem;
use portcullis_types::authress::AccessRequest;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::RequestIdParam;

const PATH: &str = "/v1/requests/{requestId}";

/// Reads an access request.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getRequest",
    tag = "Access requests",
    params(RequestIdParam),
    responses(
        (status = 200, description = "The request.", body = AccessRequest),
        (status = 404, description = "There is no such request, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_request(call: Call, path: RawPath) -> Result<Response, Failure> {
    let request_id = path.get::<RequestIdParam>()?;
    let work = request::show(call.portcullis(), &call.cx, &request_id);
    Ok(Json(call.managed("request.read", &request_id, work).await?).into_response())
}
