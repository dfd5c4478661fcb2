use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::request;
use portcullis_types::Problem;
use portcullis_types::authress::{AccessRequest, AccessRequestResponse};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::RequestIdParam;

const PATH: &str = "/v1/requests/{requestId}";

/// Approves or denies an access request. Approving creates a record from it, so the caller must be able to hand out what it asks
/// for (spec `authress-api.md` §4.5).
#[utoipa::path(
    patch,
    path = PATH,
    operation_id = "respondToAccessRequest",
    tag = "Access requests",
    params(RequestIdParam),
    request_body = AccessRequestResponse,
    responses(
        (status = 200, description = "The request as it is now.", body = AccessRequest),
        (status = 404, description = "There is no such request, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was answered before.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn respond_to_request(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<AccessRequestResponse>,
) -> Result<Response, Failure> {
    let request_id = path.get::<RequestIdParam>()?;
    let work = request::respond(call.portcullis(), &call.cx, &request_id, body);
    Ok(Json(call.managed("request.respond", &request_id, work).await?).into_response())
}
