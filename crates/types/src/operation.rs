//! Operations: the names by which applications ask their guard, and what each of them takes (spec `guard-request.md` §3.1).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::authress::{CollectionLinks, Pagination, ReadOnly};
use crate::credits::BillingRule;

/// Where an operation takes place: what its resource is below, when it names no template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeLevel {
    /// In the tenant in force.
    #[default]
    Tenant,
    /// In the organization in force.
    Organization,
    /// In a workspace: as in a tenant.
    Workspace,
    /// In a product.
    Product,
    /// On one's own things: whoever owns the resource may, without a grant.
    #[serde(rename = "self")]
    Own,
}

/// What happens when the price cannot be asked for (spec `guard-request.md` §5.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailMode {
    /// It is refused.
    #[default]
    Closed,
    /// It goes on, and is charged when the ledger answers again. Outages of any other stage refuse all the same.
    Open,
}

/// What is kept of the operation's outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditLevel {
    /// Denied checks are counted and go, sampled, to the log.
    #[default]
    Log,
    /// In addition every time that it is allowed is a line of the audit trail: costs a write each.
    Trail,
}

/// An operation, as it is written. On an update the id in the path counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperationBody {
    /// Its name: `[a-z][a-z0-9_.:-]{0,127}`.
    pub operation: String,
    /// The tenant for which this replaces what holds for all; for all tenants when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// What one must be permitted: `document:create`.
    pub permission: String,
    /// The kind of thing that it is done to, one path segment: `document`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// The resource's URI: `organizations/{organization}/tenants/{tenant}/documents/{id}`. Placeholders: `organization`,
    /// `tenant`, `product`, `subject`, `type`, `id`, `owner`, and `metadata.NAME`. A path ends before a last `{id}` that the request
    /// does not give. When absent it follows from the scope level and the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Where it takes place; `tenant` when absent.
    #[serde(default)]
    pub scope_level: ScopeLevel,
    /// What a token that is limited to scopes must have, all of it; when empty, a scope that covers the permission.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_scopes: Vec<String>,
    /// Whether the session must have been begun with more than one factor (RFC 9470).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mfa: bool,
    /// The authentication context class that the token must state (`acr`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_acr: Option<String>,
    /// How long ago the sign-in may be, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_auth_age: Option<u32>,
    /// The product that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// Its price; free when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub billing: Option<BillingRule>,
    /// The feature that a subscription must include.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// Whether the user must have a seat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_seat: bool,
    /// What happens when the price cannot be asked for.
    #[serde(default)]
    pub fail_mode: FailMode,
    /// Whether a refusal for want of permission must look like a thing that does not exist.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hide_existence: bool,
    /// What is kept of its outcomes.
    #[serde(default)]
    pub audit_level: AuditLevel,
    /// Whether it may be done at all; true when absent.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Ignored.
    #[serde(default, skip_serializing)]
    pub operation_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing)]
    pub version: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing)]
    pub last_updated: ReadOnly,
}

impl Default for OperationBody {
    /// Without a name and a permission, enabled, and otherwise as if nothing were said.
    fn default() -> Self {
        Self {
            operation: String::new(),
            tenant_id: None,
            permission: String::new(),
            resource_type: None,
            resource: None,
            scope_level: ScopeLevel::default(),
            required_scopes: Vec::new(),
            mfa: false,
            min_acr: None,
            max_auth_age: None,
            product_id: None,
            billing: None,
            feature: None,
            needs_seat: false,
            fail_mode: FailMode::default(),
            hide_existence: false,
            audit_level: AuditLevel::default(),
            enabled: true,
            operation_id: ReadOnly,
            version: ReadOnly,
            last_updated: ReadOnly,
        }
    }
}

pub(crate) fn yes() -> bool {
    true
}

/// An operation, as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Its name, and for a tenant's own `name@tenant`.
    pub operation_id: String,
    /// How often it was written: what a reservation was priced with.
    pub version: i64,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// What it takes.
    #[serde(flatten)]
    pub body: OperationBody,
}

/// A page of operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperationCollection {
    /// In the order of their ids.
    pub operations: Vec<Operation>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page and the next are.
    pub links: CollectionLinks,
}
