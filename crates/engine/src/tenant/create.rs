use portcullis_domain::{StoredTenant, tenant_resource};
use portcullis_store::ChangeKind;
use portcullis_types::organization::{Tenant, TenantBody};

use super::wire;
use crate::access::forbidden;
use crate::change::Unit;
use crate::organization::{Inside, Need, management_resource};
use crate::{Cx, Error, Portcullis, Result};

/// Creates a tenant in an organization. Ids are unique in the installation, so only operators choose one.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] unless the caller is an ADMIN or holds UPDATE on the organization;
/// [`Error::Conflict`] when the id is in use, or when records give access to it already; [`Error::Invalid`].
pub async fn create(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    body: TenantBody,
) -> Result<Tenant> {
    let (portcullis, cx, organization_id) = (portcullis.clone(), cx.clone(), organization_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        inside.require(&rights, Need::Manage, None)?;
        let id = match &body.tenant_id {
            Some(_) if !inside.is_operator() => {
                return Err(forbidden("UPDATE", &management_resource(&organization_id)));
            }
            Some(id) => id.clone(),
            None => portcullis.mint("ten_")?,
        };
        let tenant = StoredTenant::from_body(body, id, organization_id, portcullis.change_time(None))?;
        insert(&mut unit, &tenant).await?;
        unit.audit("tenant.create", &tenant.tenant_id, Some(tenant.organization_id.clone()));
        unit.commit().await?;
        Ok(wire(&portcullis, &tenant))
    })
    .await
}

/// Writes a new tenant within a change.
pub(crate) async fn insert(unit: &mut Unit, tenant: &StoredTenant) -> Result<()> {
    let resource = tenant_resource(&tenant.organization_id, &tenant.tenant_id);
    if unit.queries().has_explicit_access(&resource).await? {
        return Err(Error::Conflict("somebody has access to a tenant of this id already"));
    }
    if !unit.queries().insert_tenant(tenant).await? {
        return Err(Error::Conflict("a tenant of this id exists"));
    }
    unit.changed(ChangeKind::Organization, &tenant.organization_id);
    Ok(())
}
