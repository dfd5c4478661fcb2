use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::member;
use portcullis_types::Problem;
use portcullis_types::organization::{Member, MemberBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{JsonBody, RawPath};
use crate::params::{OrganizationId, UserId};

const PATH: &str = "/v1/organizations/{organizationId}/members/{userId}";

/// Makes a user a member of an organization, or replaces a member's roles.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "putMember",
    tag = "Organizations",
    params(OrganizationId, UserId),
    request_body = MemberBody,
    responses(
        (status = 200, description = "As it is now.", body = Member),
        (status = 404, description = "There is no such thing, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It is the last OWNER, or the organization is suspended.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn put_member(
    call: Call,
    path: RawPath,
    JsonBody(body): JsonBody<MemberBody>,
) -> Result<Response, Failure> {
    let organization_id = path.get::<OrganizationId>()?;
    let user_id = path.get::<UserId>()?;
    let work = member::put(call.portcullis(), &call.cx, &organization_id, &user_id, body);
    let answer = call.managed("member.put", &user_id, work).await?;
    Ok(Json(answer).into_response())
}
