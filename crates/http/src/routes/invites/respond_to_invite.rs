use axum::Json;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::response::{IntoResponse as _, Response};
use portcullis::invite;
use portcullis_types::Problem;
use portcullis_types::authress::Account;

use super::TARGET;
use crate::call::Call;
use crate::failure::Failure;
use crate::input::{AnyObject, MaybeJson, RawPath};
use crate::params::InviteId;

const PATH: &str = "/v1/invites/{inviteId}";

/// Accepts an invite for the caller.
///
/// The body may be absent or any object, and is not looked into: some clients send nothing, some `{}`, some the invite. The answer
/// is the account, because that is what some clients read (spec `authress-api.md` §3.4).
#[utoipa::path(
    patch,
    path = PATH,
    operation_id = "respondToInvite",
    tag = "Invites",
    params(InviteId),
    request_body(content = Option<AnyObject>),
    responses(
        (status = 200, description = "Accepted.", body = Option<Account>),
        (status = 404, description = "There is no such invite, or the caller may not know that there is.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The record that it would be merged into has no room.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn respond_to_invite(
    call: Call,
    path: RawPath,
    headers: HeaderMap,
    _body: MaybeJson<AnyObject>,
) -> Result<Response, Failure> {
    let invite_id = path.get::<InviteId>()?;
    let work = invite::respond(call.portcullis(), &call.cx, &invite_id);
    let account = call.managed("invite.accept", TARGET, work).await?;
    // The Rust SDK reads the answer as a unit, which in JSON is null, and fails on anything else.
    let account = if is_rust_sdk(&headers) { None } else { Some(account) };
    Ok(Json(account).into_response())
}

fn is_rust_sdk(headers: &HeaderMap) -> bool {
    headers.get(USER_AGENT).is_some_and(|agent| agent.as_bytes().starts_with(b"Authress SDK; Rust"))
}
