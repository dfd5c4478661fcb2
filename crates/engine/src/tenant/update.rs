use portcullis_domain::StoredTenant;
use portcullis_store::ChangeKind;
use portcullis_types::organization::{Tenant, TenantBody};

use super::{find, wire};
use crate::access::checked;
use crate::change::Unit;
use crate::organization::{Inside, Need};
use crate::{Cx, Portcullis, Result, UnmodifiedSince};

/// Replaces a tenant's name and region.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Forbidden`](crate::Error::Forbidden) unless the caller is an ADMIN of the
/// tenant or its organization, or holds UPDATE on that; [`Error::ChangedSince`](crate::Error::ChangedSince);
/// [`Error::Invalid`](crate::Error::Invalid).
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    (organization_id, tenant_id): (&str, &str),
    body: TenantBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Tenant> {
    checked(portcullis_types::id::plain_id, "tenantId", tenant_id)?;
    crate::access::same("tenantId", body.tenant_id.as_deref(), tenant_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (organization_id, id) = (organization_id.to_owned(), tenant_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &organization_id).await?;
        let stored = find(&mut unit, &organization_id, &id).await?;
        inside.require(&rights, Need::Manage, Some(&id))?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let at = portcullis.change_time(Some(stored.updated_at));
        let tenant = StoredTenant {
            status: stored.status,
            created_at: stored.created_at,
            ..StoredTenant::from_body(body, id, organization_id, at)?
        };
        unit.queries().update_tenant(&tenant).await?;
        unit.changed(ChangeKind::Organization, &tenant.organization_id);
        unit.audit("tenant.update", &tenant.tenant_id, Some(tenant.organization_id.clone()));
        unit.commit().await?;
        Ok(wire(&portcullis, &tenant))
    })
    .await
}
