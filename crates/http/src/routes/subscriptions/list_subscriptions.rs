use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::subscription;
use portcullis_types::Problem;
use portcullis_types::subscription::SubscriptionCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::page::page;
use crate::params::{Filter64, OrganizationId, Paged100};

const PATH: &str = "/v1/organizations/{organizationId}/subscriptions";

/// Lists the subscriptions of an organization.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listSubscriptions",
    tag = "Subscriptions",
    params(OrganizationId, Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = SubscriptionCollection),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_subscriptions(call: Call, path: RawPath, query: Query) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let work = subscription::list(call.portcullis(), &call.cx, &organization_id, query.filtered_page()?);
    let listing = call.managed("subscription.list", &organization_id, work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(SubscriptionCollection { subscriptions: listing.items, pagination, links }).into_response())
}
