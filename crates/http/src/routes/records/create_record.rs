use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::record;
use portcullis_types::Problem;
use portcullis_types::authress::{AccessRecord, AccessRecordBody};

use super::last_modified_header;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/records";

/// Creates an access record.
///
/// The caller must be able to hand out every permission in it (spec `authress-api.md` §3.3). The id of a deleted record can be
/// used again.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createRecord",
    tag = "Access records",
    request_body = AccessRecordBody,
    responses(
        (status = 201, description = "The record.", body = AccessRecord, headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_record(
    call: Call,
    JsonBody(body): JsonBody<AccessRecordBody>,
) -> Result<Response, Failure> {
    let target = body.record_id.clone().unwrap_or_default();
    let work = record::create(call.portcullis(), &call.cx, body);
    let record = call.managed("record.create", &target, work).await?;
    // Exactly 201, never 202: clients take the body of no other status.
    Ok((StatusCode::CREATED, last_modified_header(record.last_updated), Json(record)).into_response())
}
