use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::tenant;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{OrganizationId, OrganizationTenantId};

const PATH: &str = "/v1/organizations/{organizationId}/tenants/{tenantId}";

/// Deletes a tenant for good.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteOrganizationTenant",
    tag = "Organization tenants",
    params(OrganizationId, OrganizationTenantId),
    responses(
        (status = 204, description = "Done."),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Members have roles in it, or the organization is suspended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_organization_tenant(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let tenant_id = path.get::<OrganizationTenantId>()?;
    let work = tenant::delete(call.portcullis(), &call.cx, &organization_id, &tenant_id);
    call.managed("tenant.delete", &tenant_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
