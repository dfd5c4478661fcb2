//! Access requests (spec `authress-api.md` §3.4).

mod create_request;
mod delete_request;
mod list_requests;
mod respond_to_request;
mod show_request;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_request::create_request, list_requests::list_requests))
        .routes(routes!(
            show_request::show_request,
            respond_to_request::respond_to_request,
            delete_request::delete_request
        ))
}
