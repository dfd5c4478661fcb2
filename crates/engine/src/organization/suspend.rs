use portcullis_domain::StoredOrganization;
use portcullis_store::ChangeKind;
use portcullis_types::organization::{Organization, OrganizationStatus};

use super::{Inside, management_resource, wire};
use crate::access::forbidden;
use crate::change::Unit;
use crate::{Cx, Portcullis, Result};

/// Suspends an organization: its members may read it and nothing else. Suspending it again changes nothing.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Forbidden`](crate::Error::Forbidden) without UPDATE on
/// `Portcullis:Organizations/{id}`: no member, not even its OWNER, suspends or resumes an organization.
pub async fn suspend(portcullis: &Portcullis, cx: &Cx, organization_id: &str) -> Result<Organization> {
    set(portcullis, cx, organization_id, OrganizationStatus::Suspended).await
}

/// Ends a suspension. Resuming an active one changes nothing.
///
/// # Errors
/// As [`suspend`].
pub async fn resume(portcullis: &Portcullis, cx: &Cx, organization_id: &str) -> Result<Organization> {
    set(portcullis, cx, organization_id, OrganizationStatus::Active).await
}

async fn set(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    status: OrganizationStatus,
) -> Result<Organization> {
    let (portcullis, cx, id) = (portcullis.clone(), cx.clone(), organization_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &id).await?;
        if !inside.is_operator() {
            return Err(forbidden("UPDATE", &management_resource(&id)));
        }
        let stored = inside.organization;
        if stored.status == status {
            return Ok(wire(&portcullis, &stored));
        }
        let updated_at = portcullis.change_time(Some(stored.updated_at));
        let organization = StoredOrganization { status, updated_at, ..stored };
        unit.queries().update_organization(&organization).await?;
        unit.changed(ChangeKind::Organization, &id);
        let suspended = status == OrganizationStatus::Suspended;
        unit.audit(if suspended { "organization.suspend" } else { "organization.resume" }, &id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &organization))
    })
    .await
}
