//! What users may do (spec `authress-api.md` §3.1): the questions that applications ask all day.

mod check_access;
mod direct;
mod list_permissions;
mod list_resources;
mod list_roles;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use check_access::PATH as CHECK;
pub(super) use direct::Segments;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(check_access::check_access))
        .routes(routes!(list_permissions::list_permissions))
        .routes(routes!(list_roles::list_roles))
        .routes(routes!(list_resources::list_resources))
}
