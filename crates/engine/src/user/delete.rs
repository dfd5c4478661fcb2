use portcullis_domain::EndReason;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::session::end_all;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes a user's profile, ends their sessions and disables their tokens. Records that name the user stay as they are.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<()> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), false, "user")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        end_all(&mut unit, &user_id, None, EndReason::UserDeleted).await?;
        if !unit.queries().delete_user(&user_id).await? {
            return Err(Error::NotFound("user"));
        }
        unit.audit("user.delete", &user_id, None);
        unit.commit().await
    })
    .await
}
