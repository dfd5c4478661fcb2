use portcullis_domain::EndReason;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, session};

/// Disables a user: they cannot sign in, and every session and token of theirs ends, here at once and on other nodes within a
/// second. Of one who is disabled, nothing changes.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on `Authress:Users/{user_id}`.
pub async fn disable(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<()> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), false, "user")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if unit.queries().user_for_update(&user_id).await?.is_none() {
            return Err(Error::NotFound("user"));
        }
        disable_in(&mut unit, &user_id).await?;
        unit.commit().await
    })
    .await
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
