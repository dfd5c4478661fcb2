use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::policy;
use portcullis_types::policy::PolicyCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged100};

const PATH: &str = "/v1/policies";

/// Lists policies.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getPolicies",
    tag = "Guard",
    params(Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = PolicyCollection),
    ),
)]
pub(super) async fn list_policies(call: Call, query: Query) -> Result<Response, Failure> {
    let work = policy::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("policy.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(PolicyCollection { policies: listing.items, pagination, links }).into_response())
}
