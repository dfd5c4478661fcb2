use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::record;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::RecordId;

const PATH: &str = "/v1/records/{recordId}";

/// Deletes an access record: it grants nothing from now on, and can still be read.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteRecord",
    tag = "Access records",
    params(RecordId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such record, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is the record of a membership, which is changed through its organization.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_record(call: Call, path: RawPath) -> Result<Response, Failure> {
    let record_id = path.get::<RecordId>()?;
    call.managed("record.delete", &record_id, record::delete(call.portcullis(), &call.cx, &record_id))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
