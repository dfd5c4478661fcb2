use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::member;
use portcullis_types::Problem;
use portcullis_types::organization::Member;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::{OrganizationId, UserId};

const PATH: &str = "/v1/organizations/{organizationId}/members/{userId}";

/// Reads a member of an organization.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "showMember",
    tag = "Organizations",
    params(OrganizationId, UserId),
    responses(
        (status = 200, description = "As it is now.", body = Member),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_member(call: Call, path: RawPath) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let user_id = path.get::<UserId>()?;
    let work = member::show(call.portcullis(), &call.cx, &organization_id, &user_id);
    let answer = call.managed("member.read", &user_id, work).await?;
    Ok(Json(answer).into_response())
}
