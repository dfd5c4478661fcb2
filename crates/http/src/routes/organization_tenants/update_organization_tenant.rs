use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::tenant;
use portcullis_types::Problem;
use portcullis_types::organization::{Tenant, TenantBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{OrganizationId, OrganizationTenantId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/organizations/{organizationId}/tenants/{tenantId}";

/// Replaces a tenant's name and region.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateOrganizationTenant",
    tag = "Organization tenants",
    params(OrganizationId, OrganizationTenantId, UnmodifiedSinceHeader),
    request_body = TenantBody,
    responses(
        (status = 200, description = "As it is now.", body = Tenant),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The organization is suspended.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_organization_tenant(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<TenantBody>,
) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let tenant_id = path.get::<OrganizationTenantId>()?;
    let work = tenant::update(call.portcullis(), &call.cx, (&organization_id, &tenant_id), body, since.0);
    let answer = call.managed("tenant.update", &tenant_id, work).await?;
    Ok(Json(answer).into_response())
}
