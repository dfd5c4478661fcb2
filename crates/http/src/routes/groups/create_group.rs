use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::group;
use portcullis_types::Problem;
use portcullis_types::authress::{Group, GroupBody};

use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/groups";

/// Creates a group.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createGroup",
    tag = "Groups",
    request_body = GroupBody,
    responses(
        (status = 201, description = "The group.", body = Group),
        (status = 409, description = "The id is in use.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create_group(
    call: Call,
    JsonBody(body): JsonBody<GroupBody>,
) -> Result<Response, Failure> {
    let target = body.group_id.clone().unwrap_or_default();
    let work = group::create(call.portcullis(), &call.cx, body);
    let group = call.managed("group.create", &target, work).await?;
    Ok((StatusCode::CREATED, Json(group)).into_response())
}
