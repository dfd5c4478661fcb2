use portcullis_domain::{Identifier, MAIN_POOL};
use portcullis_store::MailPurpose;
use portcullis_types::auth::ForgotPasswordBody;

use super::mail_link::issue;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Sends a link to choose another password, if somebody has that address: to the address that is stored, not the one that was
/// typed. Does the same work and answers alike if nobody does (AU-09). Links that were sent before are dead.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) for what is no address.
pub async fn forgot_password(portcullis: &Portcullis, cx: &Cx, body: ForgotPasswordBody) -> Result<()> {
    let pool = body.pool.unwrap_or_else(|| MAIN_POOL.to_owned());
    checked(portcullis_types::id::pool_id, "pool", &pool)?;
    let identifier = Identifier::of_email(&body.email)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let user = unit.queries().user_by_identifier(&pool, identifier.as_str()).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        let mail = issue(&portcullis, unit.queries(), user.as_ref(), MailPurpose::ResetPassword).await?;
        unit.audit("user.password_forgot", user.as_ref().map_or("", |user| &user.user_id), None);
        unit.commit().await?;
        if let Some(mail) = mail {
            portcullis.post().send(mail);
        }
        Ok(())
    })
    .await
}
