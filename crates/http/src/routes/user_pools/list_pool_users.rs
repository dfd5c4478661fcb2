use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::user;
use portcullis_types::Problem;
use portcullis_types::sign_in::{PoolUserCollection, UserState};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::page::page;
use crate::params::{Filter64, Paged100, PoolId, UserStateParam};

const PATH: &str = "/v1/user-pools/{poolId}/users";

/// Lists the users of a pool. The filter looks into id, name and address.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getUserPoolUsers",
    tag = "User pools",
    params(PoolId, Paged100, Filter64, UserStateParam),
    responses(
        (status = 200, description = "A page.", body = PoolUserCollection),
        (status = 404, description = "There is no such pool.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_pool_users(call: Call, path: RawPath, query: Query) -> Result<Response, Failure> {
    let pool_id = path.get::<PoolId>()?;
    let states = [("active", UserState::Active), ("disabled", UserState::Disabled)];
    let (state, request) = (query.choice("status", &states)?, query.filtered_page()?);
    let work = user::list_in_pool(call.portcullis(), &call.cx, &pool_id, state, request);
    let listing = call.managed("user.list", &pool_id, work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(PoolUserCollection { users: listing.items, pagination, links }).into_response())
}
