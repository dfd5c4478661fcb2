use super::{management_resource, note_members};
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes a group for good: its members lose what it gave them.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] unless the caller is an admin of it or may UPDATE it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, group_id: &str) -> Result<()> {
    checked(portcullis_types::id::group_id, "groupId", group_id)?;
    let (portcullis, cx, group_id) = (portcullis.clone(), cx.clone(), group_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().group_for_update(&group_id).await?.ok_or(Error::NotFound("group"))?;
        rights.require_on("UPDATE", &management_resource(&group_id), stored.is_admin(cx.name()), "group")?;
        unit.queries().delete_group(&group_id).await?;
        note_members(&mut unit, &stored);
        unit.audit("group.delete", &group_id, None);
        unit.commit().await
    })
    .await
}
