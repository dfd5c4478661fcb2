use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::group;
use portcullis_types::authress::GroupCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged20};

const PATH: &str = "/v1/groups";

/// Lists the groups that the caller may see.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getGroups",
    tag = "Groups",
    params(Paged20, Filter64),
    responses(
        (status = 200, description = "A page.", body = GroupCollection),
    ),
)]
pub(super) async fn list_groups(call: Call, query: Query) -> Result<Response, Failure> {
    let work = group::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("group.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(GroupCollection { groups: listing.items, pagination, links }).into_response())
}
