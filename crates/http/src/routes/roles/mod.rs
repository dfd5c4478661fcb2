//! Roles (spec `authress-api.md` §3.6).

mod create_role;
mod delete_role;
mod list_roles;
mod show_role;
mod update_role;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_role::create_role, list_roles::list_roles))
        .routes(routes!(show_role::show_role, update_role::update_role, delete_role::delete_role))
}
