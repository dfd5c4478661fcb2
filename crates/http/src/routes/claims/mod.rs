//! Claims (spec `authress-api.md` §3.4).

mod create_claim;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(create_claim::create_claim))
}
