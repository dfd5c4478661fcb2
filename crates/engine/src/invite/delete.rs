use super::{management_resource, stored_id};
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Withdraws an invite.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] unless the caller made it or may UPDATE it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, invite_id: &str) -> Result<()> {
    checked(portcullis_types::id::opaque_id, "inviteId", invite_id)?;
    let (portcullis, cx, invite_id) = (portcullis.clone(), cx.clone(), invite_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let invite = unit.queries().invite(&stored_id(&invite_id)).await?.ok_or(Error::NotFound("invite"))?;
        let own = invite.created_by == cx.name();
        rights.require_on("UPDATE", &management_resource(&invite_id), own, "invite")?;
        if !unit.queries().delete_invite(&stored_id(&invite_id)).await? {
            return Err(Error::NotFound("invite"));
        }
        unit.audit("invite.delete", "invite", None);
        unit.commit().await
    })
    .await
}
