use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::record;
use portcullis_types::Problem;
use portcullis_types::authress::AccessRecord;

use super::last_modified_header;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::RecordId;

const PATH: &str = "/v1/records/{recordId}";

/// Reads an access record. A deleted one is answered too, with `status: DELETED` (spec `authress-api.md` §4.5).
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getRecord",
    tag = "Access records",
    params(RecordId),
    responses(
        (status = 200, description = "The record.", body = AccessRecord, headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
        (status = 404, description = "There is no such record, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_record(call: Call, path: RawPath) -> Result<Response, Failure> {
    let record_id = path.get::<RecordId>()?;
    let work = record::show(call.portcullis(), &call.cx, &record_id);
    let record = call.managed("record.read", &record_id, work).await?;
    Ok((last_modified_header(record.last_updated), Json(record)).into_response())
}
