use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::group;
use portcullis_types::Problem;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::GroupId;

const PATH: &str = "/v1/groups/{groupId}";

/// Deletes a group for good, and the access that it gave.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteGroup",
    tag = "Groups",
    params(GroupId),
    responses(
        (status = 204, description = "Deleted."),
        (status = 404, description = "There is no such group, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_group(call: Call, path: RawPath) -> Result<Response, Failure> {
    let group_id = path.get::<GroupId>()?;
    call.managed("group.delete", &group_id, group::delete(call.portcullis(), &call.cx, &group_id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
