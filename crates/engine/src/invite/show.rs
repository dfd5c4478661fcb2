use portcullis_types::authress::Invite;

use super::{management_resource, stored_id, wire};
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads an invite that was not accepted yet.
///
/// # Errors
/// [`Error::NotFound`] also unless the caller made it, is the one it is linked to, or may READ it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, invite_id: &str) -> Result<Invite> {
    checked(portcullis_types::id::opaque_id, "inviteId", invite_id)?;
    let rights = portcullis.rights(cx).await?;
    let invite = portcullis.read().await?.queries().invite(&stored_id(invite_id)).await?;
    let invite = invite.ok_or(Error::NotFound("invite"))?;
    let own = invite.created_by == cx.name() || invite.linked_user_id.as_deref() == Some(cx.name());
    rights.require_on("READ", &management_resource(invite_id), own, "invite")?;
    Ok(wire(portcullis, invite, invite_id))
}
