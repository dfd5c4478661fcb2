use portcullis_domain::EndReason;

use super::manage::manage;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result, session};

/// Disables a user: they cannot sign in, and every session and token of theirs ends, here at once and on other nodes within a
/// second. Of one who is disabled, nothing changes.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) and [`Error::Forbidden`](crate::Error::Forbidden) without UPDATE on `Authress:Users/{user_id}`.
pub async fn disable(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<()> {
    manage(portcullis, cx, user_id, |unit, user_id| Box::pin(disable_in(unit, user_id))).await
}

/// The same as a part of a larger change.
pub(crate) async fn disable_in(unit: &mut Unit, user_id: &str) -> Result<()> {
    let now = unit.portcullis().now();
    if unit.queries().disable_user(user_id, now).await? {
        session::end_all(unit, user_id, None, EndReason::UserDisabled).await?;
        unit.audit("user.disable", user_id, None);
    }
    Ok(())
}
