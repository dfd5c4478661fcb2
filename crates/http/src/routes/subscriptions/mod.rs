//! What organizations bought: subscriptions, seats and usage.

mod assign_seat;
mod create_subscription;
mod delete_subscription;
mod list_seats;
mod list_subscriptions;
mod record_usage;
mod show_subscription;
mod show_usage;
mod unassign_seat;
mod update_subscription;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(create_subscription::create_subscription, list_subscriptions::list_subscriptions))
        .routes(routes!(
            show_subscription::show_subscription,
            update_subscription::update_subscription,
            delete_subscription::delete_subscription
        ))
        .routes(routes!(list_seats::list_seats))
        .routes(routes!(assign_seat::assign_seat, unassign_seat::unassign_seat))
        .routes(routes!(show_usage::show_usage, record_usage::record_usage))
}
