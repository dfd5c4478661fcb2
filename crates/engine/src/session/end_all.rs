use portcullis_domain::EndReason;
use portcullis_store::ChangeKind;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Ends every session of a user but `except`, as a part of a larger change (their password, their being disabled or deleted),
/// and disables their tokens that have no session. Says how many sessions it ended. Once committed, none of their access and
/// refresh tokens is good for anything on this node, and within a second on no other.
///
/// Whoever calls says in the audit trail why. Takes the lock on the user, like every sign-in: one that is under way is over before, and ended, or begins after.
pub(crate) async fn end_all(
    unit: &mut Unit,
    user_id: &str,
    except: Option<&str>,
    reason: EndReason,
) -> Result<usize> {
    let now = unit.portcullis().now();
    unit.queries().user_for_update(user_id).await?;
    let ended = unit.queries().end_sessions_of(user_id, except, reason, now).await?.len();
    if except.is_none() {
        unit.queries().set_not_before(user_id, now).await?;
    }
    for token_id in unit.queries().revoke_tokens_of(user_id, now).await? {
        unit.changed(ChangeKind::Token, token_id);
    }
    unit.changed(ChangeKind::Subject, user_id);
    Ok(ended)
}

/// Ends every session of a user, and disables their tokens. Says how many sessions it ended.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) and [`Error::Forbidden`](crate::Error::Forbidden) without UPDATE on
/// `Portcullis:Sessions/{user_id}`; [`Error::Invalid`](crate::Error::Invalid).
pub async fn end_every(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<usize> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), false, "user")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let ended = end_all(&mut unit, &user_id, None, EndReason::Ended).await?;
        unit.audit("session.end_all", &user_id, Some(EndReason::Ended.as_str().to_owned()));
        unit.commit().await?;
        Ok(ended)
    })
    .await
}
