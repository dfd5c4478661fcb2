use portcullis_store::ChangeKind;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Lets a user sign in again who was disabled. Sessions and tokens that ended stay so. Of one who is not disabled, nothing
/// changes.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on `Authress:Users/{user_id}`.
pub async fn enable(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<()> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), false, "user")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if unit.queries().user_for_update(&user_id).await?.is_none() {
            return Err(Error::NotFound("user"));
        }
        enable_in(&mut unit, &user_id).await?;
        unit.commit().await
    })
    .await
}

/// The same as a part of a larger change.
pub(crate) async fn enable_in(unit: &mut Unit, user_id: &str) -> Result<()> {
    if unit.queries().enable_user(user_id).await? {
        unit.changed(ChangeKind::Subject, user_id);
        unit.audit("user.enable", user_id, None);
    }
    Ok(())
}
