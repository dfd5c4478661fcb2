use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::group;
use portcullis_types::Problem;
use portcullis_types::authress::{Group, GroupBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{GroupId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/groups/{groupId}";

/// Replaces a group; who gets what through it changes at once.
#[utoipa::path(
    put,
    path = PATH,
    operation_id = "updateGroup",
    tag = "Groups",
    params(GroupId, UnmodifiedSinceHeader),
    request_body = GroupBody,
    responses(
        (status = 200, description = "The group as it is now.", body = Group),
        (status = 404, description = "There is no such group, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It changed after the instant in `If-Unmodified-Since`.", body = Problem,
            content_type = "application/problem+json",
            headers(("Last-Modified" = String, description = "When it last changed, as `lastUpdated`."))),
    ),
)]
pub(super) async fn update_group(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<GroupBody>,
) -> Result<Response, Failure> {
    let group = replace(&call, &path, since, body).await?;
    Ok(Json(group).into_response())
}

/// What both methods of updating do.
pub(super) async fn replace(
    call: &Call,
    path: &RawPath,
    since: IfUnmodifiedSince,
    body: GroupBody,
) -> Result<Group, Failure> {
    let group_id = path.get::<GroupId>()?;
    let work = group::update(call.portcullis(), &call.cx, &group_id, body, since.0);
    call.managed("group.update", &group_id, work).await
}
