use portcullis_domain::EndReason;
use portcullis_store::MailPurpose;

use super::manage::manage;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result, session};

/// Deletes a user: the profile, the address (which is free then), the password, what they allowed applications; every session and token
/// ends, here at once and on other nodes within a second. Records that name the user stay as they are.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) and [`Error::Forbidden`](crate::Error::Forbidden) without UPDATE on
/// `Authress:Users/{user_id}`.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<()> {
    manage(portcullis, cx, user_id, |unit, user_id| Box::pin(delete_in(unit, user_id))).await
}

async fn delete_in(unit: &mut Unit, user_id: &str) -> Result<()> {
    session::end_all(unit, user_id, None, EndReason::UserDeleted).await?;
    let now = unit.portcullis().now();
    unit.queries().delete_password(user_id).await?;
    for purpose in [MailPurpose::ResetPassword, MailPurpose::VerifyEmail] {
        unit.queries().end_mail_tokens(user_id, purpose, now).await?;
    }
    unit.queries().delete_consents_by(user_id).await?;
    unit.queries().delete_user(user_id).await?;
    unit.audit("user.delete", user_id, None);
    Ok(())
}
