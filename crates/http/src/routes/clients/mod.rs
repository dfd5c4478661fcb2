//! Service clients and their access keys (spec `authress-api.md` §3.7).

mod create_access_key;
mod create_client;
mod delete_access_key;
mod delete_client;
mod list_clients;
mod show_client;
mod update_client;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_client::create_client, list_clients::list_clients))
        .routes(routes!(show_client::show_client, update_client::update_client, delete_client::delete_client))
        .routes(routes!(create_access_key::create_access_key))
        .routes(routes!(delete_access_key::delete_access_key))
}
