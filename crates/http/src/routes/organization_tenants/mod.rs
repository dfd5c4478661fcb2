//! Tenants of organizations. (`/v1/tenants` is another thing: sign-in tenants of the Authress API.)

mod create_organization_tenant;
mod delete_organization_tenant;
mod list_organization_tenants;
mod resume_organization_tenant;
mod show_organization_tenant;
mod suspend_organization_tenant;
mod update_organization_tenant;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(
            create_organization_tenant::create_organization_tenant,
            list_organization_tenants::list_organization_tenants
        ))
        .routes(routes!(
            show_organization_tenant::show_organization_tenant,
            update_organization_tenant::update_organization_tenant,
            delete_organization_tenant::delete_organization_tenant
        ))
        .routes(routes!(suspend_organization_tenant::suspend_organization_tenant))
        .routes(routes!(resume_organization_tenant::resume_organization_tenant))
}
