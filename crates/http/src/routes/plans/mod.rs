//! Plans: what is in a product at a price.

mod create_plan;
mod delete_plan;
mod list_plans;
mod show_plan;
mod update_plan;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_plan::create_plan, list_plans::list_plans))
        .routes(routes!(show_plan::show_plan, update_plan::update_plan, delete_plan::delete_plan))
}
