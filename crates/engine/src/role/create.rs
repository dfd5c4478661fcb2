use portcullis_domain::{StoredRole, is_built_in};
use portcullis_store::ChangeKind;
use portcullis_types::authress::{Role, RoleBody};

use super::require_hand_out_where_used;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Creates a role.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Authress:Roles`, or when records name the id already and the caller could not hand
/// out there what the role gives; [`Error::Conflict`] when the id is in use; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: RoleBody) -> Result<Role> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let role_id = match &body.role_id {
            Some(role_id) => role_id.clone(),
            None => portcullis.mint("ro_")?,
        };
        let role = StoredRole::from_body(body, role_id, portcullis.change_time(None))?;
        let rights = portcullis.rights(&cx).await?;
        rights.require_create("Authress:Roles")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if is_built_in(&role.role_id) || !unit.queries().insert_role(&role).await? {
            return Err(Error::Conflict("a role of this id exists"));
        }
        require_hand_out_where_used(&mut unit, &rights, &role.role_id, &role.permissions).await?;
        unit.changed(ChangeKind::Role, &role.role_id);
        unit.audit("role.create", &role.role_id, None);
        unit.commit().await?;
        Ok(role.wire())
    })
    .await
}
