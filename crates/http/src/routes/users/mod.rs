//! Users (spec `authress-api.md` §3.2), and ours: whether they may sign in.

mod configure_tokens;
mod delete_user;
mod disable_user;
mod enable_user;
mod list_users;
mod show_sign_in;
mod show_user;
mod start_reset;
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
        .routes(routes!(show_sign_in::show_sign_in))
        .routes(routes!(disable_user::disable_user))
        .routes(routes!(enable_user::enable_user))
        .routes(routes!(start_reset::start_reset))
}
