use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::request;
use portcullis_types::authress::{AccessRequestCollection, RequestStatus};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Paged20, RequestStatusParam};

const PATH: &str = "/v1/requests";

/// Lists the access requests that the caller may see.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getRequests",
    tag = "Access requests",
    params(Paged20, RequestStatusParam),
    responses(
        (status = 200, description = "A page.", body = AccessRequestCollection),
    ),
)]
pub(super) async fn list_requests(call: Call, query: Query) -> Result<Response, Failure> {
    let choices = [
        ("OPEN", RequestStatus::Open),
        ("APPROVED", RequestStatus::Approved),
        ("DENIED", RequestStatus::Denied),
        ("DELETED", RequestStatus::Deleted),
    ];
    let status = query.choice("status", &choices)?;
    let work = request::list(call.portcullis(), &call.cx, query.page()?, status);
    let listing = call.managed("request.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    // The list is called `records` (spec `authress-api.md` §2).
    Ok(Json(AccessRequestCollection { records: listing.items, pagination, links }).into_response())
}
