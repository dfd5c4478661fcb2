//! The keys that sign this installation's tokens, for administrators. Everybody reads their public halves in the discovery.

mod list_signing_keys;
mod revoke_key;
mod rotate_key;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(rotate_key::rotate_key, list_signing_keys::list_signing_keys))
        .routes(routes!(revoke_key::revoke_key))
}
