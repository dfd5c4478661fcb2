use portcullis_domain::tenant_resource;
use portcullis_store::ChangeKind;

use super::find;
use crate::access::checked;
use crate::change::Unit;
use crate::organization::{Inside, Need};
use crate::{Cx, Error, Portcullis, Result};

/// Deletes a tenant for good.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] unless the caller is an ADMIN of the organization or holds UPDATE on it;
/// [`Error::Conflict`] while records give somebody access to exactly this tenant: a later tenant of the same id would inherit it.
pub async fn delete(portcullis: &Portcullis, cx: &Cx, organization_id: &str, tenant_id: &str) -> Result<()> {
    checked(portcullis_types::id::plain_id, "tenantId", tenant_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (organization_id, id) = (organization_id.to_owned(), tenant_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        find(&mut unit, &organization_id, &id).await?;
        inside.require(&rights, Need::Manage, None)?;
        if unit.queries().has_explicit_access(&tenant_resource(&organization_id, &id)).await? {
            return Err(Error::Conflict("members have roles in this tenant: take them away first"));
        }
        unit.queries().delete_tenant(&organization_id, &id).await?;
        unit.changed(ChangeKind::Organization, &organization_id);
        unit.audit("tenant.delete", &id, Some(organization_id));
        unit.commit().await
    })
    .await
}
