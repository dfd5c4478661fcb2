use portcullis_store::MailPurpose;
use portcullis_types::Sensitive;

use super::mail_link::Returned;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Proves an address with the token of a link that was mailed there. It works once.
///
/// # Errors
/// [`Error::Invalid`](crate::Error::Invalid) on `token` for one that is not good (any more).
pub async fn verify_email(portcullis: &Portcullis, cx: &Cx, token: &Sensitive) -> Result<()> {
    let returned = Returned::read(token, MailPurpose::VerifyEmail)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let now = portcullis.now();
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let user_id = returned.owner(unit.queries(), now).await?;
        let user = returned.consume(unit.queries(), &user_id, now).await?;
        unit.queries().verify_user_email(&user.user_id).await?;
        unit.audit("user.email_verify", &user.user_id, None);
        unit.commit().await
    })
    .await
}
