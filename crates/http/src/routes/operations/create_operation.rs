use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::operation;
use portcullis_types::Problem;
use portcullis_types::operation::{Operation, OperationBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/operations";

/// Creates an operation. It counts at once.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createOperation",
    tag = "Guard",
    request_body = OperationBody,
    responses(
        (status = 201, description = "The operation.", body = Operation),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_operation(
    call: Call,
    JsonBody(body): JsonBody<OperationBody>,
) -> Result<Response, Failure> {
    let target = body.operation.clone();
    let work = operation::create(call.portcullis(), &call.cx, body);
    let made = call.managed("operation.create", &target, work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
