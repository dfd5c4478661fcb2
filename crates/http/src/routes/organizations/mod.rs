//! Organizations: customers with members, tenants and subscriptions.

mod create_organization;
mod delete_organization;
mod list_organizations;
mod resume_organization;
mod show_organization;
mod suspend_organization;
mod update_organization;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_organization::create_organization, list_organizations::list_organizations))
        .routes(routes!(
            show_organization::show_organization,
            update_organization::update_organization,
            delete_organization::delete_organization
        ))
        .routes(routes!(suspend_organization::suspend_organization))
        .routes(routes!(resume_organization::resume_organization))
}
