use portcullis_domain::built_in_roles;
use portcullis_types::authress::Role;

use super::management_resource;
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads a role, built-in or not.
///
/// # Errors
/// [`Error::NotFound`] also without READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, role_id: &str) -> Result<Role> {
    checked(portcullis_types::id::role_id, "roleId", role_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(role_id), false, "role")?;
    if let Some(role) = built_in_roles().into_iter().find(|role| role.role_id == role_id) {
        return Ok(role.wire());
    }
    let role = portcullis.read().await?.queries().role(role_id).await?;
    Ok(role.ok_or(Error::NotFound("role"))?.wire())
}
