use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::access;
use portcullis_types::authress::ResourceUsersCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::page::page;
use crate::params::{Paged20, ResourceUri};

const PATH: &str = "/v1/resources/{resourceUri}/users";

/// Lists who was given roles on exactly this resource: no parents, no children. Nobody is an empty list, not a 404.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getResourceUsers",
    tag = "Resources",
    params(ResourceUri, Paged20),
    responses(
        (status = 200, description = "A page.", body = ResourceUsersCollection),
    ),
)]
pub(super) async fn list_resource_users(
    call: Call,
    path: RawPath,
    query: Query,
) -> Result<Response, Failure> {
    let uri = path.get::<ResourceUri>()?;
    let work = access::users(call.portcullis(), &call.cx, &uri, query.page()?);
    let listing = call.managed("resource.users", &uri, work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(ResourceUsersCollection { users: listing.items, pagination, links }).into_response())
}
