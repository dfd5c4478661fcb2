use portcullis_store::ChangeKind;

use super::manage::manage;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Lets a user sign in again who was disabled. Sessions and tokens that ended stay so. Of one who is not disabled, nothing
/// changes.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound) and [`Error::Forbidden`](crate::Error::Forbidden) without UPDATE on `Authress:Users/{user_id}`.
pub async fn enable(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<()> {
    manage(portcullis, cx, user_id, |unit, user_id| Box::pin(enable_in(unit, user_id))).await
}

/// The same as a part of a larger change.
pub(crate) async fn enable_in(unit: &mut Unit, user_id: &str) -> Result<()> {
    if unit.queries().enable_user(user_id).await? {
        unit.changed(ChangeKind::Subject, user_id);
        unit.audit("user.enable", user_id, None);
    }
    Ok(())
}
