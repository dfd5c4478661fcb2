use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::record;
use portcullis_types::Problem;
use portcullis_types::authress::{AccessRecord, AccessRecordBody};

use super::last_modified_header;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{RecordId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/records/{recordId}";

/// Replaces an access record. The caller must be able to hand out what the record grants anew (spec `authress-api.md` §3.3).
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateRecord",
    tag = "Access records",
    params(RecordId, UnmodifiedSinceHeader),
    request_body = AccessRecordBody,
    responses(
        (status = 202, description = "The record as it is now; the change counts already.", body = AccessRecord, headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
        (status = 404, description = "There is no such record, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is the record of a membership, which is changed through its organization.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_record(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<AccessRecordBody>,
) -> Result<Response, Failure> {
    let record = replace(&call, &path, since, body).await?;
    Ok((StatusCode::ACCEPTED, last_modified_header(record.last_updated), Json(record)).into_response())
}

/// What both methods of updating do.
pub(super) async fn replace(
    call: &Call,
    path: &RawPath,
    since: IfUnmodifiedSince,
    body: AccessRecordBody,
) -> Result<AccessRecord, Failure> {
    let record_id = path.get::<RecordId>()?;
    let work = record::update(call.portcullis(), &call.cx, &record_id, body, since.0);
    call.managed("record.update", &record_id, work).await
}
