use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::role;
use portcullis_types::authress::RoleCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter128, Paged100};

const PATH: &str = "/v1/roles";

/// Lists the roles, the built-in ones included.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getRoles",
    tag = "Roles",
    params(Paged100, Filter128),
    responses(
        (status = 200, description = "A page.", body = RoleCollection),
    ),
)]
pub(super) async fn list_roles(call: Call, query: Query) -> Result<Response, Failure> {
    let work = role::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("role.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(RoleCollection { roles: listing.items, pagination, links }).into_response())
}
