use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis_types::Problem;
use portcullis_types::authress::{Group, GroupBody};

use super::update_group::replace;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::{IfUnmodifiedSince, JsonBody, RawPath};
use crate::params::{GroupId, UnmodifiedSinceHeader};

const PATH: &str = "/v1/groups/{groupId}";

/// Replaces a group, for clients that update with POST (spec `authress-api.md` §3.3).
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "updateGroupByPost",
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
pub(super) async fn update_group_by_post(
    call: Call,
    path: RawPath,
    since: IfUnmodifiedSince,
    JsonBody(body): JsonBody<GroupBody>,
) -> Result<Response, Failure> {
    let group = replace(&call, &path, since, body).await?;
    Ok(Json(group).into_response())
}
