use portcullis_store::MailPurpose;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::sign_in::issue_mail_link;
use crate::{Cx, Error, Portcullis, Result};

/// Mails a user a link to choose a password: their first, or another one. Whoever starts this learns neither the link nor the
/// password (AU-23). The present password stays good until another is chosen.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on `Authress:Users/{user_id}`; [`Error::Conflict`] when no mail
/// can be sent, to this user or at all.
pub async fn start_reset(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<()> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), false, "user")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let user = unit.queries().user_for_update(&user_id).await?.ok_or(Error::NotFound("user"))?;
        if !portcullis.post().is_there() {
            return Err(Error::Conflict("no mail can be sent: no mailer is configured"));
        }
        if user.disabled_at.is_some() {
            return Err(Error::Conflict("the user is disabled"));
        }
        let mail =
            issue_mail_link(&portcullis, unit.queries(), Some(&user), MailPurpose::ResetPassword).await?;
        let mail = mail.ok_or(Error::Conflict("the user has no address that mail can be sent to"))?;
        unit.audit("user.start_reset", &user_id, None);
        unit.commit().await?;
        portcullis.post().send(mail);
        Ok(())
    })
    .await
}
