use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::organization;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::OrganizationId;

const PATH: &str = "/v1/organizations/{organizationId}";

/// Deletes an organization for good, with everything in it.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteOrganization",
    tag = "Organizations",
    params(OrganizationId),
    responses(
        (status = 204, description = "Done."),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is suspended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_organization(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let work = organization::delete(call.portcullis(), &call.cx, &organization_id);
    call.managed("organization.delete", &organization_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
