//! Applications: OAuth clients and their secrets.

mod create_application;
mod create_secret;
mod delete_application;
mod delete_secret;
mod list_applications;
mod list_secrets;
mod show_application;
mod update_application;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_application::create_application, list_applications::list_applications))
        .routes(routes!(
            show_application::show_application,
            update_application::update_application,
            delete_application::delete_application
        ))
        .routes(routes!(create_secret::create_secret, list_secrets::list_secrets))
        .routes(routes!(delete_secret::delete_secret))
}
