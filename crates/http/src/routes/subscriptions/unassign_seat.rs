use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{OrganizationId, SubscriptionId, UserId};

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions/{subscriptionId}/seats/{userId}";

/// Takes a seat back.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "unassignSeat",
    tag = "Subscriptions",
    params(OrganizationId, SubscriptionId, UserId),
    responses(
        (status = 204, description = "Done."),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The organization is suspended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn unassign_seat(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let subscription_id = path.get::<SubscriptionId>()?;
    let user_id = path.get::<UserId>()?;
    let work = subscription::unassign_seat(
        call.portcullis(),
        &call.cx,
        (&organization_id, &subscription_id),
        &user_id,
    );
    call.managed("seat.unassign", &user_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
