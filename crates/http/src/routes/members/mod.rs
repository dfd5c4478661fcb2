//! Members of organizations and their roles.

mod list_members;
mod put_member;
mod remove_member;
mod show_member;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(list_members::list_members)).routes(routes!(
        show_member::show_member,
        put_member::put_member,
        remove_member::remove_member
    ))
}
