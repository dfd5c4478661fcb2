use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AccountRef, CollectionLinks, Pagination, ReadOnly, Resource};

/// What a role gives for one action: three independent bits (spec `authress-api.md` §4.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct PermissionObject {
    /// `documents:read`, `documents:*` or `*`; 1 to 64 characters.
    pub action: String,
    /// The holder may do it.
    pub allow: bool,
    /// The holder may hand out `allow`.
    pub grant: bool,
    /// The holder may hand out all three.
    pub delegate: bool,
}

/// A named set of permissions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// Its id.
    pub role_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Up to 100.
    pub permissions: Vec<PermissionObject>,
}

/// Creates or replaces a role.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleBody {
    /// Chosen by the caller, or minted when absent. On an update it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<String>,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Up to 100.
    pub permissions: Vec<PermissionObject>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
}

/// A page of roles, the built-in ones included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleCollection {
    /// The roles.
    pub roles: Vec<Role>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// What a user may do on a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionCollection {
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRef>,
    /// The user.
    pub user_id: String,
    /// The union over every role that reaches the resource.
    pub permissions: Vec<PermissionObject>,
}

/// A role that a user holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRole {
    /// Its id.
    pub role_id: String,
}

/// The roles that a user holds on exactly one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRoleCollection {
    /// The user.
    pub user_id: String,
    /// The roles; explicit grants only.
    pub roles: Vec<UserRole>,
}

/// The resources that a user has access to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserResourcesCollection {
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountRef>,
    /// The user.
    pub user_id: String,
    /// Sorted, without duplicates.
    #[serde(default, deserialize_with = "super::common::null_is_nothing")]
    pub resources: Vec<Resource>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// The users with explicit access to a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResourceUsersCollection {
    /// One entry a user.
    pub users: Vec<UserRoleCollection>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
