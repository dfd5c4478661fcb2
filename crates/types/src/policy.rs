//! What decides beside access records: attribute policies, and overrides of single users (spec `guard-request.md` §3.2).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::Timestamp;
use crate::authress::{CollectionLinks, Pagination, ReadOnly};
use crate::operation::yes;

/// What a policy or an override says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Yes, unless something else says no.
    Allow,
    /// No, whatever else says yes.
    Deny,
}

/// How an attribute is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// It equals the value; of a list, one member does.
    Eq,
    /// It is there and does not equal the value; of a list, no member does.
    Ne,
    /// It equals one of the values of a list; of a list, one member does.
    In,
    /// It is a smaller number.
    Lt,
    /// It is a number, at most the value.
    Le,
    /// It is a greater number.
    Gt,
    /// It is a number, at least the value.
    Ge,
    /// It is there (value `true`), or not (value `false`).
    Exists,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// `subject.{id,type,roles,organization,tenant,plan,amr}`, `subject.claims.NAME`,
    /// `resource.{type,id,tenant,organization,owner}`, `resource.attributes.NAME`, `context.{time,product,operation}` (time in seconds
    /// since 1970) or `metadata.NAME`.
    pub attribute: String,
    /// How it is compared.
    pub operator: Operator,
    /// With what.
    #[schema(value_type = Object)]
    pub value: Value,
}

/// An attribute policy, as it is written. It applies where permission, resource and tenant fit and every condition holds. An
/// attribute that is not there holds in no condition but `exists`; one of the wrong type holds in a deny policy, and not in an
/// allow policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyBody {
    /// Chosen by the caller (beginning with `pol_`), or minted when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_id: Option<String>,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it says.
    pub effect: Effect,
    /// Which permissions, as a role holds them: `document` covers `document:read`.
    pub permission: String,
    /// Which resources, as a record names them.
    pub resource: String,
    /// Only in this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// All of these must hold; up to 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Whether it counts; true when absent.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Ignored.
    #[serde(default, skip_serializing)]
    pub last_updated: ReadOnly,
}

/// An attribute policy, as the API shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// What it says; its id is there.
    #[serde(flatten)]
    pub body: PolicyBody,
}

/// A page of policies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PolicyCollection {
    /// In the order of their ids.
    pub policies: Vec<Policy>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page and the next are.
    pub links: CollectionLinks,
}

/// An override of one user, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OverrideBody {
    /// Chosen by the caller (beginning with `ovr_`), or minted when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_id: Option<String>,
    /// Whom it is for: a user or a service client.
    pub user_id: String,
    /// What it says.
    pub effect: Effect,
    /// Which permissions, as a role holds them.
    pub permission: String,
    /// Which resources, as a record names them.
    pub resource: String,
    /// Until when; for good when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Why: up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Ignored.
    #[serde(default, skip_serializing)]
    pub last_updated: ReadOnly,
}

/// An override, as the API shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Override {
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// What it says; its id is there.
    #[serde(flatten)]
    pub body: OverrideBody,
}

/// A page of overrides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OverrideCollection {
    /// In the order of their ids.
    pub overrides: Vec<Override>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page and the next are.
    pub links: CollectionLinks,
}
