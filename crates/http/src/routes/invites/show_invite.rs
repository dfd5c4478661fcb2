use axum::Json;
use axum::response::{IntoResponse as _, Response};
use portcullis::invite;
use portcullis_types::Problem;
use portcullis_types::authress::Invite;

use super::TARGET;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::InviteId;

const PATH: &str = "/v1/invites/{inviteId}";

/// Reads an invite.
#[utoipa::path(
    get,
    path = PATH,
    operation_id = "getInvite",
    tag = "Invites",
    params(InviteId),
    responses(
        (status = 200, description = "The invite.", body = Invite),
        (status = 404, description = "There is no such invite, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn show_invite(call: Call, path: RawPath) -> Result<Response, Failure> {
    let invite_id = path.get::<InviteId>()?;
    let work = invite::show(call.portcullis(), &call.cx, &invite_id);
    Ok(Json(call.managed("invite.read", TARGET, work).await?).into_response())
}
