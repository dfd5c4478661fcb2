//! Tokens of users, limited to statements (spec `authress-api.md` §3.1).

mod create_token;
mod disable_token;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_token::create_token))
        .routes(routes!(disable_token::disable_token))
}
