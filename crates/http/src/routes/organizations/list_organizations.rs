use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::organization;
use portcullis_types::organization::OrganizationCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::Query;
use crate::page::page;
use crate::params::{Filter64, Paged100};

const PATH: &str = "/v1/organizations";

/// Lists the organizations that the caller belongs to; all of them for operators.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listOrganizations",
    tag = "Organizations",
    params(Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = OrganizationCollection),
    ),
)]
pub(super) async fn list_organizations(call: Call, query: Query) -> Result<Response, Failure> {
    let work = organization::list(call.portcullis(), &call.cx, query.filtered_page()?);
    let listing = call.managed("organization.list", "", work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(OrganizationCollection { organizations: listing.items, pagination, links }).into_response())
}
