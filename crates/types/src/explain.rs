use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a check was answered as it was. Given by `?explain=true` on a check and by `portcullis why --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// `allow` or `deny`.
    pub decision: String,
    /// The user or service client that was asked about.
    pub principal: String,
    /// The permission, as it was asked.
    pub permission: String,
    /// The resource, as it was asked.
    pub resource: String,
    /// One sentence for people.
    pub reason: String,
    /// What allowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_by: Option<Allowed>,
    /// When nothing did: what came closest, closest first, at most ten.
    pub nearest: Vec<NearMiss>,
}

/// The grant that allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Allowed {
    /// The access record, or absent when a `PUBLIC` resource configuration allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// Which of the record's statements, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<u32>,
    /// The role that holds the permission; absent for `PUBLIC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<String>,
    /// The resource as the record (or the configuration) writes it.
    pub resource_uri: String,
    /// How the principal comes to it.
    pub via: Via,
}

/// How a principal comes to a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Via {
    /// Directly, through a group, or because the resource is public.
    #[serde(rename = "type")]
    pub kind: ViaKind,
    /// The group, when through one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// See [`Via`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ViaKind {
    /// The record names the principal.
    User,
    /// The record names a group that the principal is a member of.
    Group,
    /// The resource is configured `PUBLIC`.
    Public,
}

/// A grant that nearly allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NearMiss {
    /// The access record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// Which of the record's statements, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<u32>,
    /// The role that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<String>,
    /// The resource as the record writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_uri: Option<String>,
    /// What was missing for a yes.
    pub missing: Missing,
}

/// What kept a [`NearMiss`] from allowing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// Resource and principal fit; no role of the statement allows the permission.
    Permission,
    /// The principal holds the permission, but elsewhere.
    Resource,
    /// The grant fits, but names other principals.
    Principal,
    /// The grant fits, but its record was deleted.
    Deleted,
    /// The grant fits, but the caller's token is limited to other statements.
    Token,
}
