//! Credits (spec `guard-request.md` §5).

mod commit_reservation;
mod create_grant;
mod create_refund;
mod create_reservation;
mod extend_reservation;
mod list_entries;
mod list_grants;
mod release_reservation;
mod show_account;
mod void_grant;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(show_account::show_account))
        .routes(routes!(list_entries::list_entries))
        .routes(routes!(create_grant::create_grant, list_grants::list_grants))
        .routes(routes!(void_grant::void_grant))
        .routes(routes!(create_reservation::create_reservation))
        .routes(routes!(commit_reservation::commit_reservation))
        .routes(routes!(release_reservation::release_reservation))
        .routes(routes!(extend_reservation::extend_reservation))
        .routes(routes!(create_refund::create_refund))
}
