use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::operation;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::OperationId;

const PATH: &str = "/v1/operations/{operationId}";

/// Deletes an operation for good.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteOperation",
    tag = "Guard",
    params(OperationId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such operation, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_operation(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<OperationId>()?;
    call.managed("operation.delete", &id, operation::delete(call.portcullis(), &call.cx, &id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
