use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::resource;
use portcullis_types::authress::PermissionedResourceCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::Paged20;

const PATH: &str = "/v1/resources";

/// Lists the configured resources.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getPermissionedResources",
    tag = "Resources",
    params(Paged20),
    responses(
        (status = 200, description = "A page.", body = PermissionedResourceCollection),
    ),
)]
pub(super) async fn list_resources(call: Call, query: Query) -> Result<Response, Failure> {
    let work = resource::list(call.portcullis(), &call.cx, query.page()?);
    let listing = call.managed("resource.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(PermissionedResourceCollection { resources: listing.items, pagination, links }).into_response())
}
