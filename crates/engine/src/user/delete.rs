use portcullis_domain::EndReason;
use portcullis_store::MailPurpose;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, session};

/// Deletes a user: the profile, the address (which is free then), the password, what they allowed applications; every session and token ends, here at once
/// and on other nodes within a second. Records that name the user stay as they are.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<()> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), false, "user")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if unit.queries().user_for_update(&user_id).await?.is_none() {
            return Err(Error::NotFound("user"));
        }
        session::end_all(&mut unit, &user_id, None, EndReason::UserDeleted).await?;
        let now = portcullis.now();
        unit.queries().delete_password(&user_id).await?;
        for purpose in [MailPurpose::ResetPassword, MailPurpose::VerifyEmail] {
            unit.queries().end_mail_tokens(&user_id, purpose, now).await?;
        }
        unit.queries().delete_consents_by(&user_id).await?;
        unit.queries().delete_user(&user_id).await?;
        unit.audit("user.delete", &user_id, None);
        unit.commit().await
    })
    .await
}
