//! Attribute policies (spec `guard-request.md` §3.2).

mod create_policy;
mod delete_policy;
mod list_policies;
mod show_policy;
mod update_policy;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_policy::create_policy, list_policies::list_policies))
        .routes(routes!(show_policy::show_policy, update_policy::update_policy, delete_policy::delete_policy))
}
