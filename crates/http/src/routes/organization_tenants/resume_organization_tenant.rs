use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::tenant;
use portcullis_types::Problem;
use portcullis_types::organization::Tenant;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{OrganizationId, OrganizationTenantId};

const PATH: &str = "/v1/organizations/{organizationId}/tenants/{tenantId}/resume";

/// Ends the suspension of a tenant.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "resumeOrganizationTenant",
    tag = "Organization tenants",
    params(OrganizationId, OrganizationTenantId),
    responses(
        (status = 200, description = "As it is now.", body = Tenant),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The organization is suspended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn resume_organization_tenant(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let tenant_id = path.get::<OrganizationTenantId>()?;
    let work = tenant::resume(call.portcullis(), &call.cx, &organization_id, &tenant_id);
    let answer = call.managed("tenant.resume", &tenant_id, work).await?;
    Ok(Json(answer).into_response())
}
