use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;
use portcullis_types::subscription::Subscription;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{OrganizationId, SubscriptionId};

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions/{subscriptionId}";

/// Reads a subscription.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "showSubscription",
    tag = "Subscriptions",
    params(OrganizationId, SubscriptionId),
    responses(
        (status = 200, description = "As it is now.", body = Subscription),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_subscription(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let subscription_id = path.get::<SubscriptionId>()?;
    let work = subscription::show(call.portcullis(), &call.cx, &organization_id, &subscription_id);
    let answer = call.managed("subscription.read", &subscription_id, work).await?;
    Ok(Json(answer).into_response())
}
