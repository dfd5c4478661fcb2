use portcullis_domain::EndReason;
use portcullis_store::ChangeKind;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::session::is_own;
use crate::{Cx, Error, Portcullis, Result};

/// Takes back all that a user allowed an application, and ends what it was given: its codes and sessions with all their tokens, here at
/// once and on other nodes within a second (AZ-14). It is asked about again, unless it is our own. Everybody may withdraw their own.
///
/// # Errors
/// [`Error::NotFound`] if there is nothing to take back, also without UPDATE on `Portcullis:Consents/{user_id}`; [`Error::Forbidden`]
/// with READ alone; [`Error::Invalid`].
pub async fn withdraw(portcullis: &Portcullis, cx: &Cx, user_id: &str, client_id: &str) -> Result<()> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (user_id, client_id) = (user_id.to_owned(), client_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), is_own(&cx, &user_id), "consent")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        // Whoever redeems a code waits here, or was before, and what they opened ends too.
        unit.queries().user_for_update(&user_id).await?;
        let now = portcullis.now();
        let reason = EndReason::ConsentWithdrawn;
        let withdrawn = unit.queries().delete_consents(&user_id, &client_id).await?;
        let codes = unit.queries().delete_unused_codes(&user_id, &client_id).await?;
        let ended =
            unit.queries().end_sessions_of_application(&client_id, Some(&user_id), reason, now).await?;
        if withdrawn == 0 && codes == 0 && ended.is_empty() {
            return Err(Error::NotFound("consent"));
        }
        for session_id in &ended {
            unit.changed(ChangeKind::Session, session_id);
            unit.audit("session.end", session_id, Some(reason.as_str().to_owned()));
        }
        unit.audit("consent.withdraw", &client_id, Some(user_id));
        unit.commit().await
    })
    .await
}
