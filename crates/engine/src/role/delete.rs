use portcullis_domain::is_built_in;
use portcullis_store::ChangeKind;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Deletes a role. Records that name it stay as they are, and stop to grant by it.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it; [`Error::Conflict`] for a built-in role.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, role_id: &str) -> Result<()> {
    checked(portcullis_types::id::role_id, "roleId", role_id)?;
    let (portcullis, cx, role_id) = (portcullis.clone(), cx.clone(), role_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&role_id), false, "role")?;
        if is_built_in(&role_id) {
            return Err(Error::Conflict("a built-in role cannot be changed"));
        }
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().delete_role(&role_id).await? {
            return Err(Error::NotFound("role"));
        }
        unit.changed(ChangeKind::Role, &role_id);
        unit.audit("role.delete", &role_id, None);
        unit.commit().await
    })
    .await
}
