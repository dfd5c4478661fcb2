use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::organization;
use portcullis_types::Problem;
use portcullis_types::organization::{Organization, OrganizationBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{OrganizationId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/organizations/{organizationId}";

/// Replaces an organization's name and tags.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateOrganization",
    tag = "Organizations",
    params(OrganizationId, UnmodifiedSinceHeader),
    request_body = OrganizationBody,
    responses(
        (status = 200, description = "As it is now.", body = Organization),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is suspended.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_organization(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<OrganizationBody>,
) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let work = organization::update(call.portcullis(), &call.cx, &organization_id, body, since.0);
    let answer = call.managed("organization.update", &organization_id, work).await?;
    Ok(Json(answer).into_response())
}
