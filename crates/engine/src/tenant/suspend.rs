use portcullis_domain::StoredTenant;
use portcullis_store::ChangeKind;
use portcullis_types::organization::{OrganizationStatus, Tenant};

use super::{find, wire};
use crate::access::checked;
use crate::change::Unit;
use crate::organization::{Inside, Need};
use crate::{Cx, Portcullis, Result};

/// Suspends a tenant: nothing in it is allowed by a guard. Suspending it again changes nothing.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Forbidden`](crate::Error::Forbidden) unless the caller is an ADMIN of the
/// organization or holds UPDATE on it.
pub async fn suspend(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    tenant_id: &str,
) -> Result<Tenant> {
    set(portcullis, cx, (organization_id, tenant_id), OrganizationStatus::Suspended).await
}

/// Ends a suspension. Resuming an active one changes nothing.
///
/// # Errors
/// As [`suspend`].
pub async fn resume(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    tenant_id: &str,
) -> Result<Tenant> {
    set(portcullis, cx, (organization_id, tenant_id), OrganizationStatus::Active).await
}

async fn set(
    portcullis: &Portcullis,
    cx: &Cx,
    (organization_id, tenant_id): (&str, &str),
    status: OrganizationStatus,
) -> Result<Tenant> {
    checked(portcullis_types::id::plain_id, "tenantId", tenant_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (organization_id, id) = (organization_id.to_owned(), tenant_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        let stored = find(&mut unit, &organization_id, &id).await?;
        inside.require(&rights, Need::Manage, None)?;
        if stored.status == status {
            return Ok(wire(&portcullis, &stored));
        }
        let updated_at = portcullis.change_time(Some(stored.updated_at));
        let tenant = StoredTenant { status, updated_at, ..stored };
        unit.queries().update_tenant(&tenant).await?;
        unit.changed(ChangeKind::Organization, &organization_id);
        let suspended = status == OrganizationStatus::Suspended;
        unit.audit(if suspended { "tenant.suspend" } else { "tenant.resume" }, &id, Some(organization_id));
        unit.commit().await?;
        Ok(wire(&portcullis, &tenant))
    })
    .await
}
