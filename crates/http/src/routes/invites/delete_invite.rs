use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::invite;
use portcullis_types::Problem;

use super::TARGET;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::RawPath;
use crate::params::InviteId;

const PATH: &str = "/v1/invites/{inviteId}";

/// Withdraws an invite.
#[utoipa::path(
    delete,
    path = PATH,
    operation_id = "deleteInvite",
    tag = "Invites",
    params(InviteId),
    responses(
        (status = 204, description = "Withdrawn."),
        (status = 404, description = "There is no such invite, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn delete_invite(call: Call, path: RawPath) -> Result<Response, Failure> {
    let invite_id = path.get::<InviteId>()?;
    call.managed("invite.delete", TARGET, invite::delete(call.portcullis(), &call.cx, &invite_id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
