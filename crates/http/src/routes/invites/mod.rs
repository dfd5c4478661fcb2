//! Invites (spec `authress-api.md` §3.4).

mod create_invite;
mod delete_invite;
mod respond_to_invite;
mod show_invite;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// What invites are called in the audit trail: the id of one is what accepting it takes, and does not belong there.
const TARGET: &str = "invite";

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(create_invite::create_invite)).routes(routes!(
        show_invite::show_invite,
        respond_to_invite::respond_to_invite,
        delete_invite::delete_invite
    ))
}
