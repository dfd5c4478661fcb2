use portcullis_domain::StoredOrganization;
use portcullis_store::ChangeKind;
use portcullis_types::FieldError;
use portcullis_types::organization::{Organization, OrganizationBody};

use super::{Inside, Need, wire};
use crate::change::Unit;
use crate::{Cx, Portcullis, Result, UnmodifiedSince};

/// Replaces an organization's name and tags.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Forbidden`](crate::Error::Forbidden) unless the caller is an ADMIN or holds
/// UPDATE on it; [`Error::ChangedSince`](crate::Error::ChangedSince); [`Error::Invalid`](crate::Error::Invalid).
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    body: OrganizationBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Organization> {
    crate::access::same("organizationId", body.organization_id.as_deref(), organization_id)?;
    if body.owner.is_some() {
        return Err(FieldError::new("owner", "nothing: owners are changed as members").into());
    }
    let (portcullis, cx, id) = (portcullis.clone(), cx.clone(), organization_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &id).await?;
        inside.require(&rights, Need::Manage, None)?;
        let stored = inside.organization;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        let at = portcullis.change_time(Some(stored.updated_at));
        let organization = StoredOrganization {
            status: stored.status,
            created_at: stored.created_at,
            ..StoredOrganization::from_body(body, id, at)?
        };
        unit.queries().update_organization(&organization).await?;
        unit.changed(ChangeKind::Organization, &organization.organization_id);
        unit.audit("organization.update", &organization.organization_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &organization))
    })
    .await
}
