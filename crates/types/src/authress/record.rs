use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AccountRef, CollectionLinks, LinkedGroup, Links, Pagination, ReadOnly, Resource, Tags, User};
use crate::Timestamp;

/// Its roles on its resources, for its own principals or else the record's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// 1 to 100 role ids. An unknown role grants nothing.
    pub roles: Vec<String>,
    /// 1 to 100 resources.
    pub resources: Vec<Resource>,
    /// Up to 100 users who get this statement instead of the record's principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Up to 10 groups that get this statement instead of the record's principals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<LinkedGroup>>,
}

/// A record's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecordStatus {
    /// It grants.
    Active,
    /// It grants nothing and is kept for reading.
    Deleted,
}

/// An access record: principals × statements (spec `authress-api.md` §2, §4.4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessRecord {
    /// Its id.
    pub record_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How full the record is, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<f64>,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_updated: Option<Timestamp>,
    /// Whether it grants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RecordStatus>,
    /// The account it belongs to.
    pub account: AccountRef,
    /// Who gets every statement without principals of its own; up to 1000.
    #[serde(default, deserialize_with = "super::common::null_is_nothing")]
    pub users: Vec<User>,
    /// Who may edit the record without a management right; up to 100.
    #[serde(default, deserialize_with = "super::common::null_is_nothing")]
    pub admins: Vec<User>,
    /// Whose members get every statement without principals of its own; up to 100.
    #[serde(default, deserialize_with = "super::common::null_is_nothing")]
    pub groups: Vec<LinkedGroup>,
    /// 1 to 100.
    pub statements: Vec<Statement>,
    /// Where it is.
    pub links: Links,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
}

/// Creates or replaces an access record. At most 100 statements, about 100 KB.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessRecordBody {
    /// Chosen by the caller, or minted when absent. On an update it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_id: Option<String>,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Up to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
    /// Up to 100. The creator, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admins: Option<Vec<User>>,
    /// Up to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<LinkedGroup>>,
    /// 1 to 100.
    pub statements: Vec<Statement>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub capacity: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub status: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub account: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of access records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccessRecordCollection {
    /// The records that the caller may see.
    pub records: Vec<AccessRecord>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// Asks for a new resource in a claimable collection.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimRequest {
    /// The collection, configured with `CLAIM`; 1 to 128 characters.
    pub collection_resource: String,
    /// The new resource's last segment; 1 to 128 characters.
    pub resource_id: String,
}

/// The answer to a claim.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimResponse {
    /// The record that makes the caller the owner.
    pub record_id: String,
}
