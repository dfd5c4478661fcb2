use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::tenant;
use portcullis_types::Problem;
use portcullis_types::organization::TenantCollection;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{Query, RawPath};
use crate::page::page;
use crate::params::{Filter64, OrganizationId, Paged100};

const PATH: &str = "/v1/organizations/{organizationId}/tenants";

/// Lists the tenants of an organization that the caller may read.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "listOrganizationTenants",
    tag = "Organization tenants",
    params(OrganizationId, Paged100, Filter64),
    responses(
        (status = 200, description = "A page.", body = TenantCollection),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list_organization_tenants(
    call: Call,
    path: RawPath,
    query: Query,
) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let work = tenant::list(call.portcullis(), &call.cx, &organization_id, query.filtered_page()?);
    let listing = call.managed("tenant.list", &organization_id, work).await?;
    let (links, pagination) = page(&call.api, &query, listing.next);
    Ok(Json(TenantCollection { tenants: listing.items, pagination, links }).into_response())
}
