use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::tenant;
use portcullis_types::Problem;
use portcullis_types::organization::{Tenant, TenantBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::OrganizationId;

const PATH: &str = "/v1/organizations/{organizationId}/tenants";

/// Creates a tenant in an organization.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createOrganizationTenant",
    tag = "Organization tenants",
    params(OrganizationId),
    request_body = TenantBody,
    responses(
        (status = 201, description = "What was made.", body = Tenant),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The id is in use, somebody has access to it, or the organization is suspended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_organization_tenant(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<TenantBody>,
) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let work = tenant::create(call.portcullis(), &call.cx, &organization_id, body);
    let made = call.managed("tenant.create", &organization_id, work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
