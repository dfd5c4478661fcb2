use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::organization;
use portcullis_types::Problem;
use portcullis_types::organization::{Organization, OrganizationBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/organizations";

/// Creates an organization; the creator, or whom `owner` names, becomes its OWNER.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createOrganization",
    tag = "Organizations",
    request_body = OrganizationBody,
    responses(
        (status = 201, description = "What was made.", body = Organization),
        (status = 409, description = "The id is in use, or somebody has access to it.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_organization(
    call: Call,
    JsonBody(body): JsonBody<OrganizationBody>,
) -> Result<Response, Failure> {
    let work = organization::create(call.portcullis(), &call.cx, body);
    let made = call.managed("organization.create", "", work).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
