use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;
use portcullis_types::subscription::{Subscription, SubscriptionBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::OrganizationId;

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions";

/// Creates a subscription of an organization.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createSubscription",
    tag = "Subscriptions",
    params(OrganizationId),
    request_body = SubscriptionBody,
    responses(
        (status = 201, description = "What was made.", body = Subscription),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_subscription(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<SubscriptionBody>,
) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let work = subscription::create(call.portcullis(), &call.cx, &organization_id, body);
    let made = call.managed("subscription.create", &organization_id, work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
