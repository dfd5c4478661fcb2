//! Users (spec `authress-api.md` §3.2).

mod configure_tokens;
mod delete_user;
mod list_users;
mod show_user;
mod update_user;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_users::list_users))
        .routes(routes!(show_user::show_user, update_user::update_user, delete_user::delete_user))
        .routes(routes!(configure_tokens::configure_tokens))
}
