use portcullis_types::authress::Group;

use super::{management_resource, wire};
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads a group.
///
/// # Errors
/// [`Error::NotFound`] also when the caller is not an admin of it and may not READ it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, group_id: &str) -> Result<Group> {
    checked(portcullis_types::id::group_id, "groupId", group_id)?;
    let rights = portcullis.rights(cx).await?;
    let group = portcullis.read().await?.queries().group(group_id).await?;
    let group = group.ok_or(Error::NotFound("group"))?;
    rights.require_on("READ", &management_resource(group_id), group.is_admin(cx.name()), "group")?;
    Ok(wire(portcullis, &group))
}
