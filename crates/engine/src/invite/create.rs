use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_domain::{StoredInvite, compile_statements};
use portcullis_types::authress::{Invite, InviteBody};

use super::{stored_id, wire};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Creates an invite. Its id is a secret of 192 random bits: whoever knows it may accept, once.
///
/// # Errors
/// [`Error::Forbidden`] unless the caller may hand out what it gives; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: InviteBody) -> Result<Invite> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let mut secret = [0u8; 24];
        portcullis.rng().fill(&mut secret)?;
        let invite_id = format!("inv_{}", URL_SAFE_NO_PAD.encode(secret));
        let invite =
            StoredInvite::from_body(body, stored_id(&invite_id), cx.name(), portcullis.change_time(None))?;
        let rights = portcullis.rights(&cx).await?;
        let compiled = compile_statements(&invite.record_statements(), &[], &[]);
        compiled.iter().try_for_each(|statement| rights.require_hand_out(statement))?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().insert_invite(&invite).await? {
            return Err(Error::Conflict("an invite of this id exists"));
        }
        // The id is a credential: the trail names the inviter only.
        unit.audit("invite.create", "invite", None);
        unit.commit().await?;
        Ok(wire(&portcullis, invite, &invite_id))
    })
    .await
}
