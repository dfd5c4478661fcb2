//! The configuration of resources, and who has access to one (spec `authress-api.md` §3.5).

mod list_resource_users;
mod list_resources;
mod show_resource;
mod update_resource;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_resources::list_resources))
        .routes(routes!(show_resource::show_resource, update_resource::update_resource))
        .routes(routes!(list_resource_users::list_resource_users))
}
