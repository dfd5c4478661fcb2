use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;
use portcullis_types::subscription::Seat;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{OrganizationId, SubscriptionId, UserId};

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions/{subscriptionId}/seats/{userId}";

/// Gives a member a seat. Giving it again changes nothing.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "assignSeat",
    tag = "Subscriptions",
    params(OrganizationId, SubscriptionId, UserId),
    responses(
        (status = 200, description = "As it is now.", body = Seat),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Every seat is taken, seats are not counted, or the organization is suspended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn assign_seat(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let subscription_id = path.get::<SubscriptionId>()?;
    let user_id = path.get::<UserId>()?;
    let work = subscription::assign_seat(
        call.portcullis(),
        &call.cx,
        (&organization_id, &subscription_id),
        &user_id,
    );
    let answer = call.managed("seat.assign", &user_id, work).await?;
    Ok(Json(answer).into_response())
}
