use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::operation;
use portcullis_types::operation::OperationCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged100};

const PATH: &str = "/v1/operations";

/// Lists operations.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getOperations",
    tag = "Guard",
    params(Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = OperationCollection),
    ),
)]
pub(super) async fn list_operations(call: Call, query: Query) -> Result<Response, Failure> {
    let work = operation::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("operation.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(OperationCollection { operations: listing.items, pagination, links }).into_response())
}
