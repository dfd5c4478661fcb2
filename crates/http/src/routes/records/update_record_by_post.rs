use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis_types::Problem;
use portcullis_types::authress::{AccessRecord, AccessRecordBody};

use super::last_modified_header;
use super::update_record::replace;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{RecordId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/records/{recordId}";

/// Replaces an access record, for clients that update with POST and expect 200 (spec `authress-api.md` §3.3).
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "updateRecordByPost",
    tag = "Access records",
    params(RecordId, UnmodifiedSinceHeader),
    request_body = AccessRecordBody,
    responses(
        (status = 200, description = "The record as it is now.", body = AccessRecord, headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
        (status = 404, description = "There is no such record, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is the record of a membership, which is changed through its organization.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_record_by_post(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<AccessRecordBody>,
) -> Result<Response, Failure> {
    let record = replace(&call, &path, since, body).await?;
    Ok((last_modified_header(record.last_updated), Json(record)).into_response())
}
