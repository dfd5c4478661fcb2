use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::authress::UserIdentityCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged100};

const PATH: &str = "/v1/users";

/// Lists the users. `tenantId` is accepted and changes nothing: there are no login tenants yet.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUsers",
    tag = "Users",
    params(Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = UserIdentityCollection),
    ),
)]
pub(super) async fn list_users(call: Call, query: Query) -> Result<Response, Failure> {
    let work = user::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("user.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(UserIdentityCollection { users: listing.items, pagination, links }).into_response())
}
