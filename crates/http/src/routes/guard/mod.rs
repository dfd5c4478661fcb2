//! The one-pass guard for services elsewhere (spec `guard-request.md` §2.1).

pub(super) mod evaluate;
mod evaluate_batch;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(evaluate::evaluate))
        .routes(routes!(evaluate_batch::evaluate_batch))
}
