use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CollectionLinks, Links, Pagination, ReadOnly, Statement, Tags, User};
use crate::Timestamp;

/// What an access request asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessTemplate {
    /// 1 to 100 users.
    pub users: Vec<User>,
    /// 1 to 100 statements.
    pub statements: Vec<Statement>,
}

/// A request's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RequestStatus {
    /// Waits for an answer.
    Open,
    /// A record was created from it.
    Approved,
    /// It was refused.
    Denied,
    /// It was withdrawn.
    Deleted,
}

/// Somebody asks for access (spec `authress-api.md` §2, §4.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessRequest {
    /// Its id.
    pub request_id: String,
    /// When it last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_updated: Option<Timestamp>,
    /// Its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RequestStatus>,
    /// What is asked for.
    pub access: AccessTemplate,
    /// Where it is.
    pub links: Links,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
}

/// Creates an access request.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessRequestBody {
    /// What is asked for.
    pub access: AccessTemplate,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub request_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub status: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum RequestDecision {
    /// Create the record.
    Approved,
    /// Refuse.
    Denied,
}

/// Answers an access request.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AccessRequestResponse {
    /// Yes or no.
    pub status: RequestDecision,
}

/// A page of access requests. The list is called `records` on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRequestCollection {
    /// The requests that the caller may see.
    pub records: Vec<AccessRequest>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
