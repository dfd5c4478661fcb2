use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{OrganizationId, SubscriptionId};

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions/{subscriptionId}";

/// Deletes a subscription for good, with its seats and its usage.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteSubscription",
    tag = "Subscriptions",
    params(OrganizationId, SubscriptionId),
    responses(
        (status = 204, description = "Done."),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_subscription(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let subscription_id = path.get::<SubscriptionId>()?;
    let work = subscription::delete(call.portcullis(), &call.cx, &organization_id, &subscription_id);
    call.managed("subscription.delete", &subscription_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
