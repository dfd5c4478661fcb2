use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::group;
use portcullis_types::Problem;
use portcullis_types::authress::Group;

use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::GroupId;

const PATH: &str = "/v1/groups/{groupId}";

/// Reads a group.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getGroup",
    tag = "Groups",
    params(GroupId),
    responses(
        (status = 200, description = "The group.", body = Group),
        (status = 404, description = "There is no such group, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_group(call: Call, path: RawPath) -> Result<Response, Failure> {
    let group_id = path.get::<GroupId>()?;
    let group =
        call.managed("group.read", &group_id, group::show(call.portcullis(), &call.cx, &group_id)).await?;
    Ok(Json(group).into_response())
}
