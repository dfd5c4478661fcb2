use std::collections::BTreeSet;

use portcullis_domain::{PrincipalKind, StoredOrganization, StoredTenant, organization_resource};
use portcullis_store::{Page, Queries};
use portcullis_types::organization::OrganizationStatus;

use crate::Result;

/// An organization that somebody belongs to, and the tenants that they may work in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Membership {
    pub(crate) organization_id: String,
    pub(crate) name: String,
    pub(crate) status: OrganizationStatus,
    /// All of the organization's, unless records give the user roles only in some of them.
    pub(crate) tenants: Vec<StoredTenant>,
}

/// How many organizations are read at once.
const BATCH: u32 = 500;

/// The organizations that a user belongs to, by id.
///
/// What may be worked in is read from the access records alone: a member with roles in single tenants and none in the
/// organization sees only those tenants.
pub(crate) async fn memberships(queries: &mut dyn Queries, user_id: &str) -> Result<Vec<Membership>> {
    let mut organizations: Vec<StoredOrganization> = Vec::new();
    let mut page = Page::first(BATCH);
    loop {
        let batch = queries.organizations_of(user_id, &page).await?;
        let full = batch.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
        page.after = batch.last().map(|one| one.organization_id.clone());
        organizations.extend(batch);
        if !full {
            break;
        }
    }
    if organizations.is_empty() {
        return Ok(Vec::new());
    }
    let tenants = queries.tenants_of_member(user_id).await?;
    let grants = queries.principal_grants(PrincipalKind::User, user_id, false).await?;
    let places: BTreeSet<&str> = grants.resources.iter().map(|resource| resource.uri.as_str()).collect();
    let memberships = organizations.into_iter().map(|organization| {
        let whole = organization_resource(&organization.organization_id);
        let below = format!("{whole}/tenants/");
        let only_below =
            !places.contains(whole.as_str()) && places.iter().any(|place| place.starts_with(&below));
        let usable = |tenant: &&StoredTenant| {
            tenant.organization_id == organization.organization_id
                && (!only_below || places.contains(format!("{below}{}", tenant.tenant_id).as_str()))
        };
        Membership {
            tenants: tenants.iter().filter(usable).cloned().collect(),
            organization_id: organization.organization_id,
            name: organization.name,
            status: organization.status,
        }
    });
    Ok(memberships.collect())
}
