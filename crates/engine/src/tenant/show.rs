use portcullis_types::organization::Tenant;

use super::{of_organization, wire};
use crate::access::checked;
use crate::organization::{Inside, Need};
use crate::{Cx, Error, Portcullis, Result};

/// Reads a tenant.
///
/// # Errors
/// [`Error::NotFound`] also for a member who may read neither the organization nor this tenant.
pub async fn show(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    tenant_id: &str,
) -> Result<Tenant> {
    checked(portcullis_types::id::plain_id, "tenantId", tenant_id)?;
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let inside = Inside::read(snapshot.queries(), &rights, cx, organization_id).await?;
    let tenant = of_organization(snapshot.queries().tenant(tenant_id).await?, organization_id)?;
    if !inside.may(&rights, Need::Read, Some(tenant_id)) {
        return Err(Error::NotFound("tenant"));
    }
    Ok(wire(portcullis, &tenant))
}
