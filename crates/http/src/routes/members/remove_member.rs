use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::member;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{OrganizationId, UserId};

const PATH: &str = "/v1/organizations/{organizationId}/members/{userId}";

/// Takes a member out of an organization. Everybody may leave.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "removeMember",
    tag = "Organizations",
    params(OrganizationId, UserId),
    responses(
        (status = 204, description = "Done."),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is the last OWNER, or the organization is suspended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn remove_member(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let user_id = path.get::<UserId>()?;
    let work = member::remove(call.portcullis(), &call.cx, &organization_id, &user_id);
    call.managed("member.remove", &user_id, work).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
