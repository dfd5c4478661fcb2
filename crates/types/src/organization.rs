//! Organizations, their members and their tenants (`/v1/organizations`): who is a customer, who belongs to it, where it works.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::authress::{CollectionLinks, Links, Pagination, ReadOnly, Tags};

/// Whether an organization or a tenant may be worked in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrganizationStatus {
    /// It may.
    #[default]
    Active,
    /// It may not; its data stays and can be read.
    Suspended,
}

/// A customer: it has members, tenants, subscriptions and a wallet (whose billing account id is the organization's id).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// Its id.
    pub organization_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Whether it may be worked in.
    pub status: OrganizationStatus,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// Where it is.
    pub links: Links,
}

/// Creates or replaces an organization.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrganizationBody {
    /// 1 to 64 of `a-z A-Z 0-9 - _`; minted when absent. To choose one takes CREATE on `Portcullis:Organizations`. On an
    /// update it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// 1 to 128 characters.
    pub name: String,
    /// Who becomes its OWNER; the creator, when absent. Only when it is created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub status: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub created_at: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of organizations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OrganizationCollection {
    /// The organizations that the caller may see.
    pub organizations: Vec<Organization>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// Roles in one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantRoles {
    /// The tenant.
    pub tenant_id: String,
    /// 1 to 20: `OWNER`, `ADMIN`, `MEMBER`, `VIEWER`, or ids of roles.
    pub roles: Vec<String>,
}

/// Somebody who belongs to an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The user (or a service client in the place of one).
    pub user_id: String,
    /// Roles in the whole organization, read from the access record that gives them; may be empty.
    pub roles: Vec<String>,
    /// Roles in single tenants.
    pub tenants: Vec<TenantRoles>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Timestamp,
    /// Where it is.
    pub links: Links,
}

/// Makes somebody a member, or replaces a member's roles. At least one role in all.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberBody {
    /// Absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Up to 20: `OWNER`, `ADMIN`, `MEMBER`, `VIEWER`, or ids of roles.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Up to 99 tenants of the organization.
    #[serde(default)]
    pub tenants: Vec<TenantRoles>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub joined_at: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemberCollection {
    /// The members.
    pub members: Vec<Member>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// A tenant: an organization's isolated environment. Not a sign-in tenant, which is another thing at `/v1/tenants`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// Its id, unique in the installation.
    pub tenant_id: String,
    /// Whose it is.
    pub organization_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Where its data is, in the installation's own words.
    pub region: Option<String>,
    /// Whether it may be worked in.
    pub status: OrganizationStatus,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// Where it is.
    pub links: Links,
}

/// Creates or replaces a tenant.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TenantBody {
    /// 1 to 64 of `a-z A-Z 0-9 - _`; minted when absent. To choose one takes UPDATE on the organization's management
    /// resource. On an update it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// 1 to 128 characters.
    pub name: String,
    /// 1 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub organization_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub status: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub created_at: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of tenants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantCollection {
    /// The tenants that the caller may see.
    pub tenants: Vec<Tenant>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
