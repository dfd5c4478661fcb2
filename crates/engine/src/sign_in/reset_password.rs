use portcullis_domain::EndReason;
use portcullis_store::MailPurpose;
use portcullis_types::auth::ResetPasswordBody;

use super::mail_link::Returned;
use super::set_password::{NewPassword, set_password, tell_of_change};
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Sets another password with the token of a link that was mailed. It works once; every session ends, a lock too, and the
/// address is proven. A password that is not taken uses nothing up.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) on `token` for one that is not good (any more), and on `new_password` with the
/// reason; [`Error::Busy`](crate::Error::Busy).
pub async fn reset_password(portcullis: &Portcullis, cx: &Cx, body: ResetPasswordBody) -> Result<()> {
    let returned = Returned::read(&body.token, MailPurpose::ResetPassword)?;
    let new = portcullis.passwords().prepare("new_password", &body.new_password)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let now = portcullis.now();
        let mut snapshot = portcullis.read().await?;
        // Before anything is computed: only who holds a good token makes work.
        let user_id = returned.owner(snapshot.queries(), now).await?;
        let profile = snapshot.queries().user(&user_id).await?;
        drop(snapshot);
        let said = |text: Option<&String>| text.cloned().unwrap_or_default();
        let email = said(profile.as_ref().and_then(|user| user.email.as_ref()));
        let name = said(profile.as_ref().and_then(|user| user.name.as_ref()));
        portcullis.passwords().judge("new_password", &new, &[&email, &name]).await?;
        let hash = portcullis.passwords().hash(&new).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let user = returned.consume(unit.queries(), &user_id, now).await?;
        unit.queries().verify_user_email(&user_id).await?;
        let reason = EndReason::PasswordReset;
        set_password(&mut unit, NewPassword { user: &user, hash, keep: None, reason }).await?;
        unit.queries().set_not_before(&user_id, now).await?;
        unit.audit("user.password_reset", &user_id, None);
        unit.commit().await?;
        tell_of_change(&portcullis, &user);
        Ok(())
    })
    .await
}
