use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user_pool;
use portcullis_types::sign_in::UserPoolCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::Paged100;

const PATH: &str = "/v1/user-pools";

/// Lists the user pools: the namespaces of people who sign in.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserPools",
    tag = "User pools",
    params(Paged100),
    responses((status = 200, description = "A page.", body = UserPoolCollection)),
)]
pub(super) async fn list_user_pools(call: Call, query: Query) -> Result<Response, Failure> {
    let work = user_pool::list(call.portcullis(), &call.cx, query.page()?);
    let listing = call.managed("user_pool.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(UserPoolCollection { user_pools: listing.items, pagination, links }).into_response())
}
