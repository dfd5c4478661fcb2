use portcullis_domain::{ActionPattern, StoredRole, is_built_in};
use portcullis_store::ChangeKind;
use portcullis_types::FieldError;
use portcullis_types::authress::{PermissionObject, Role, RoleBody};

use super::management_resource;
use crate::access::{Rights, checked};
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// How many resources are looked at together.
const BATCH: u32 = 500;

/// Replaces a role. Its holders hold the new permissions at once.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] without UPDATE on it, or when it gains what the caller could not hand out
/// wherever records use it; [`Error::Conflict`] for a built-in role; [`Error::Invalid`].
pub async fn update(portcullis: &Portcullis, cx: &Cx, role_id: &str, body: RoleBody) -> Result<Role> {
    checked(portcullis_types::id::role_id, "roleId", role_id)?;
    if body.role_id.as_deref().is_some_and(|given| given != role_id) {
        return Err(FieldError::new("roleId", "the id in the path, or none").into());
    }
    let (portcullis, cx, role_id) = (portcullis.clone(), cx.clone(), role_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&role_id), false, "role")?;
        if is_built_in(&role_id) {
            return Err(Error::Conflict("a built-in role cannot be changed"));
        }
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().role(&role_id).await?.ok_or(Error::NotFound("role"))?;
        let role = StoredRole::from_body(body, role_id, portcullis.change_time(Some(stored.updated_at)))?;
        let gained = gained(&stored.permissions, &role.permissions);
        require_hand_out_where_used(&mut unit, &rights, &role.role_id, &gained).await?;
        unit.queries().update_role(&role).await?;
        unit.changed(ChangeKind::Role, &role.role_id);
        unit.audit("role.update", &role.role_id, None);
        unit.commit().await?;
        Ok(role.wire())
    })
    .await
}

/// What `new` gives that `old` does not.
fn gained(old: &[PermissionObject], new: &[PermissionObject]) -> Vec<PermissionObject> {
    let held = |wanted: &PermissionObject, bit: fn(&PermissionObject) -> bool| {
        let Ok(action) = ActionPattern::parse("action", &wanted.action) else { return false };
        old.iter().any(|one| {
            bit(one) && ActionPattern::parse("action", &one.action).is_ok_and(|held| held.covers(&action))
        })
    };
    new.iter()
        .map(|one| PermissionObject {
            action: one.action.clone(),
            allow: one.allow && !held(one, |held| held.allow),
            grant: one.grant && !held(one, |held| held.grant),
            delegate: one.delegate && !held(one, |held| held.delegate),
        })
        .filter(|one| one.allow || one.grant || one.delegate)
        .collect()
}

/// Nobody grants more than they hold, also not by changing what a role means: refuses unless the caller may hand out
/// `permissions` on every resource where a record uses the role.
pub(crate) async fn require_hand_out_where_used(
    unit: &mut Unit,
    rights: &Rights,
    role_id: &str,
    permissions: &[PermissionObject],
) -> Result<()> {
    let everywhere = |resource: &str| {
        permissions.iter().try_for_each(|permission| rights.require_hand_out_permission(permission, resource))
    };
    if everywhere("*").is_ok() && everywhere("Authress:*").is_ok() && everywhere("Portcullis:*").is_ok() {
        return Ok(());
    }
    let mut after: Option<String> = None;
    loop {
        let resources = unit.queries().resources_of_role(role_id, after.as_deref(), BATCH).await?;
        resources.iter().try_for_each(|resource| everywhere(resource))?;
        if resources.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(());
        }
        after = resources.into_iter().next_back();
    }
}
