use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::operation;
use portcullis_types::Problem;
use portcullis_types::operation::{Operation, OperationBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{OperationId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/operations/{operationId}";

/// Replaces an operation. It counts at once.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateOperation",
    tag = "Guard",
    params(OperationId, UnmodifiedSinceHeader),
    request_body = OperationBody,
    responses(
        (status = 200, description = "The operation as it is now.", body = Operation),
        (status = 404, description = "There is no such operation, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It cannot be so.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_operation(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<OperationBody>,
) -> Result<Response, Failure> {
    let id = path.get::<OperationId>()?;
    let work = operation::update(call.portcullis(), &call.cx, &id, body, since.0);
    Ok(Json(call.managed("operation.update", &id, work).await?).into_response())
}
