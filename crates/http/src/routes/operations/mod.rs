//! The registry of operations (spec `guard-request.md` §3.1).

mod create_operation;
mod delete_operation;
mod list_operations;
mod show_operation;
mod update_operation;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_operation::create_operation, list_operations::list_operations))
        .routes(routes!(
            show_operation::show_operation,
            update_operation::update_operation,
            delete_operation::delete_operation
        ))
}
