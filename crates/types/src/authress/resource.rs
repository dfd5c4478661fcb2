use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CollectionLinks, Pagination, ReadOnly};

/// What a resource's configuration can allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ResourceAction {
    /// Anybody may claim a new resource below this collection.
    Claim,
    /// Everybody may do everything here and below.
    Public,
}

/// One line of a resource's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResourcePermission {
    /// What.
    pub action: ResourceAction,
    /// Whether.
    pub allow: bool,
}

/// A resource's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionedResource {
    /// The resource that is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_uri: Option<String>,
    /// 1 to 100.
    pub permissions: Vec<ResourcePermission>,
}

/// Replaces a resource's configuration.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PermissionedResourceBody {
    /// 1 to 100.
    pub permissions: Vec<ResourcePermission>,
    /// Ignored: the path says which resource.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub resource_uri: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of configured resources.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PermissionedResourceCollection {
    /// The configurations.
    pub resources: Vec<PermissionedResource>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
