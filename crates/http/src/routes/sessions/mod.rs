//! Sessions of other people, for whoever manages them.

mod end_user_sessions;
mod list_user_sessions;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list_user_sessions::list_user_sessions, end_user_sessions::end_user_sessions))
}
