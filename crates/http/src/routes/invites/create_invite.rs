use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use portcullis::invite;
use portcullis_types::authress::{Invite, InviteBody};

use super::TARGET;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::JsonBody;

const PATH: &str = "/v1/invites";

/// Creates an invite. Whoever knows its id may accept it, unless it is linked to one user.
#[utoipa::path(
    post,
    path = PATH,
    operation_id = "createInvite",
    tag = "Invites",
    request_body = InviteBody,
    responses(
        (status = 201, description = "The invite.", body = Invite),
    ),
)]
pub(super) async fn create_invite(
    call: Call,
    JsonBody(body): JsonBody<InviteBody>,
) -> Result<Response, Failure> {
    let work = invite::create(call.portcullis(), &call.cx, body);
    let invite = call.managed("invite.create", TARGET, work).await?;
    Ok((StatusCode::CREATED, Json(invite)).into_response())
}
