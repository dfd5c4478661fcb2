//! User pools and their users.

mod list_pool_users;
mod list_user_pools;
mod set_user_pool;
mod show_user_pool;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_user_pools::list_user_pools))
        .routes(routes!(show_user_pool::show_user_pool, set_user_pool::set_user_pool))
        .routes(routes!(list_pool_users::list_pool_users))
}
