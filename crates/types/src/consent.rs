//! What people allowed applications: `/v1/users/{userId}/consents` (spec `security-requirements.md` AZ-14).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// An application that somebody allowed something, or that holds tokens of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConnectedApplication {
    /// Its id.
    pub application_id: String,
    /// Its name; the id, if there is no such application any more.
    pub name: String,
    /// What they allowed it, for all audiences, and what its tokens are good for.
    pub scopes: BTreeSet<String>,
    /// Whom its access tokens are for.
    pub audiences: BTreeSet<String>,
    /// When they first allowed it anything; absent if they were not asked, because it is the installation's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub given_at: Option<Timestamp>,
    /// When it last used what it was given, to the minute; absent if it holds nothing that is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

/// `GET /v1/users/{userId}/consents`: all of them, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConsentCollection {
    /// The applications.
    pub consents: Vec<ConnectedApplication>,
}
