use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::operation;
use portcullis_types::Problem;
use portcullis_types::operation::Operation;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::OperationId;

const PATH: &str = "/v1/operations/{operationId}";

/// Reads an operation.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getOperation",
    tag = "Guard",
    params(OperationId),
    responses(
        (status = 200, description = "The operation.", body = Operation),
        (status = 404, description = "There is no such operation, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_operation(call: Call, path: RawPath) -> Result<Response, Failure> {
    let id = path.get::<OperationId>()?;
    let work = operation::show(call.portcullis(), &call.cx, &id);
    Ok(Json(call.managed("operation.read", &id, work).await?).into_response())
}
