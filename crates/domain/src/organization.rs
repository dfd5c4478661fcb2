use portcullis_types::authress::{Links, Tags};
use portcullis_types::organization::{
    Organization, OrganizationBody, OrganizationStatus, Tenant, TenantBody,
};
use portcullis_types::{FieldError, Timestamp, id};
use serde::{Deserialize, Serialize};

use crate::limits;

/// A customer as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredOrganization {
    /// See [`id::plain_id`].
    pub organization_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Suspended or not. Only operators of the installation change it.
    pub status: OrganizationStatus,
    /// Free labels.
    pub tags: Option<Tags>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl StoredOrganization {
    /// Makes an active organization of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(
        body: OrganizationBody,
        organization_id: String,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        check_id("organizationId", &organization_id)?;
        limits::text("name", &body.name, 1, 128)?;
        limits::tags(body.tags.as_ref())?;
        Ok(Self {
            organization_id,
            name: body.name,
            status: OrganizationStatus::Active,
            tags: body.tags,
            created_at: now,
            updated_at: now,
        })
    }

    /// The organization as the API shows it.
    pub fn wire(&self, links: Links) -> Organization {
        Organization {
            organization_id: self.organization_id.clone(),
            name: self.name.clone(),
            status: self.status,
            tags: self.tags.clone(),
            created_at: self.created_at,
            last_updated: self.updated_at,
            links,
        }
    }
}

/// An organization's isolated environment as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredTenant {
    /// See [`id::plain_id`]. Unique in the installation, so that a token may name a tenant alone.
    pub tenant_id: String,
    /// Whose it is; never changes.
    pub organization_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// 1 to 64 characters.
    pub region: Option<String>,
    /// Suspended or not.
    pub status: OrganizationStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl StoredTenant {
    /// Makes an active tenant of a request's body.
    ///
    /// # Errors
    /// [`FieldError`] with the JSON path of what is out of bounds.
    pub fn from_body(
        body: TenantBody,
        tenant_id: String,
        organization_id: String,
        now: Timestamp,
    ) -> Result<Self, FieldError> {
        check_id("tenantId", &tenant_id)?;
        limits::text("name", &body.name, 1, 128)?;
        if let Some(region) = &body.region {
            limits::text("region", region, 1, 64)?;
        }
        Ok(Self {
            tenant_id,
            organization_id,
            name: body.name,
            region: body.region,
            status: OrganizationStatus::Active,
            created_at: now,
            updated_at: now,
        })
    }

    /// The tenant as the API shows it.
    pub fn wire(&self, links: Links) -> Tenant {
        Tenant {
            tenant_id: self.tenant_id.clone(),
            organization_id: self.organization_id.clone(),
            name: self.name.clone(),
            region: self.region.clone(),
            status: self.status,
            created_at: self.created_at,
            last_updated: self.updated_at,
            links,
        }
    }
}

/// Somebody who belongs to an organization. Which roles they have is only in their access record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMember {
    /// The organization.
    pub organization_id: String,
    /// The user, or a service client in the place of one.
    pub user_id: String,
    /// Since when.
    pub joined_at: Timestamp,
}

pub(crate) fn check_id(field: &str, text: &str) -> Result<(), FieldError> {
    id::plain_id(text).map_err(|error| FieldError::new(field, error.expected))
}
