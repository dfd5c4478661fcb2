use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::record;
use portcullis_types::authress::{AccessRecordCollection, RecordStatus};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged20, RecordStatusParam};

const PATH: &str = "/v1/records";

/// Lists the access records that the caller may see.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getRecords",
    tag = "Access records",
    params(Paged20, Filter64, RecordStatusParam),
    responses(
        (status = 200, description = "A page.", body = AccessRecordCollection),
    ),
)]
pub(super) async fn list_records(call: Call, query: Query) -> Result<Response, Failure> {
    let choices = [("ACTIVE", RecordStatus::Active), ("DELETED", RecordStatus::Deleted)];
    let status = query.choice("status", &choices)?;
    let work = record::list(call.portcullis(), &call.cx, query.filtered_page()?, status);
    let listing = call.managed("record.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(AccessRecordCollection { records: listing.items, pagination, links }).into_response())
}
