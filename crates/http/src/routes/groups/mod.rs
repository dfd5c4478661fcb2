//! Groups (spec `authress-api.md` §3.6).

mod create_group;
mod delete_group;
mod list_groups;
mod show_group;
mod update_group;
mod update_group_by_post;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default().routes(routes!(create_group::create_group, list_groups::list_groups)).routes(
        routes!(
            show_group::show_group,
            update_group::update_group,
            update_group_by_post::update_group_by_post,
            delete_group::delete_group
        ),
    )
}
