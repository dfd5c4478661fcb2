use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;
use portcullis_types::subscription::{Subscription, SubscriptionBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{OrganizationId, SubscriptionId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions/{subscriptionId}";

/// Replaces a subscription; a status must follow from the one before.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateSubscription",
    tag = "Subscriptions",
    params(OrganizationId, SubscriptionId, UnmodifiedSinceHeader),
    request_body = SubscriptionBody,
    responses(
        (status = 200, description = "As it is now.", body = Subscription),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "More seats are assigned than there would be.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_subscription(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<SubscriptionBody>,
) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let subscription_id = path.get::<SubscriptionId>()?;
    let work = subscription::update(
        call.portcullis(),
        &call.cx,
        (&organization_id, &subscription_id),
        body,
        since.0,
    );
    let answer = call.managed("subscription.update", &subscription_id, work).await?;
    Ok(Json(answer).into_response())
}
