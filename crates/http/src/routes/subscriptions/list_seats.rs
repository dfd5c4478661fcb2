use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;
use portcullis_types::subscription::SeatCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::page::page;
use crate::params::{OrganizationId, Paged100, SubscriptionId};

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions/{subscriptionId}/seats";

/// Lists the seats of a subscription that are assigned.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listSeats",
    tag = "Subscriptions",
    params(OrganizationId, SubscriptionId, Paged100),
    responses(
        (status = 200, description = "A page.", body = SeatCollection),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_seats(call: Call, path: RawPath, query: Query) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let subscription_id = path.get::<SubscriptionId>()?;
    let work = subscription::list_seats(
        call.portcullis(),
        &call.cx,
        &organization_id,
        &subscription_id,
        query.page()?,
    );
    let listing = call.managed("seat.list", &subscription_id, work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(SeatCollection { seats: listing.items, pagination, links }).into_response())
}
