use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;
use portcullis_types::subscription::{UsageEvent, UsageReceipt};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::{OrganizationId, SubscriptionId};

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions/{subscriptionId}/usage";

/// Counts a usage event of a metered feature, once for its `source` and `id`.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "recordUsage",
    tag = "Subscriptions",
    params(OrganizationId, SubscriptionId),
    request_body = UsageEvent,
    responses(
        (status = 200, description = "As it is now.", body = UsageReceipt),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The period's usage is beyond what can be counted.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn record_usage(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<UsageEvent>,
) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let subscription_id = path.get::<SubscriptionId>()?;
    let work =
        subscription::record_usage(call.portcullis(), &call.cx, (&organization_id, &subscription_id), body);
    let answer = call.managed("usage.record", &subscription_id, work).await?;
    Ok(Json(answer).into_response())
}
