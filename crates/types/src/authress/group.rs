use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CollectionLinks, Links, Pagination, ReadOnly, Tags, User};
use crate::Timestamp;

/// A flat list of users that records can name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Its id, beginning with `grp_`.
    pub group_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_updated: Option<Timestamp>,
    /// The members.
    pub users: Vec<User>,
    /// Who may edit the group without a management right.
    pub admins: Vec<User>,
    /// Where it is.
    pub links: Links,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
}

/// Creates or replaces a group.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct GroupBody {
    /// Chosen by the caller (beginning with `grp_`), or minted when absent. On an update it must be absent or equal to the
    /// path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Up to 100. The creator, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admins: Option<Vec<User>>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupCollection {
    /// The groups that the caller may see.
    pub groups: Vec<Group>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
