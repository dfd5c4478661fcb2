//! Overrides of single users (spec `guard-request.md` §3.2).

mod create_override;
mod delete_override;
mod list_overrides;
mod show_override;
mod update_override;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_override::create_override, list_overrides::list_overrides))
        .routes(routes!(
            show_override::show_override,
            update_override::update_override,
            delete_override::delete_override
        ))
}
