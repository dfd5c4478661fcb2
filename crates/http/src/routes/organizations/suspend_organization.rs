use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::organization;
use portcullis_types::Problem;
use portcullis_types::organization::Organization;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::OrganizationId;

const PATH: &str = "/v1/organizations/{organizationId}/suspend";

/// Suspends an organization: its members can read it and nothing else.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "suspendOrganization",
    tag = "Organizations",
    params(OrganizationId),
    responses(
        (status = 200, description = "As it is now.", body = Organization),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn suspend_organization(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let work = organization::suspend(call.portcullis(), &call.cx, &organization_id);
    let answer = call.managed("organization.suspend", &organization_id, work).await?;
    Ok(Json(answer).into_response())
}
