use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::authress::{CollectionLinks, Pagination};

/// One line of the audit trail: a change, or a management call that was refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEvent {
    /// Grows with every event of this installation.
    pub event_id: i64,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Who: a user id, a service client id, or `cli:<operating-system user>` for a local command.
    pub actor: String,
    /// What, as `area.verb`: `record.create`, `access_key.delete`.
    pub action: String,
    /// The thing it was done to.
    pub target: String,
    /// `done` or `refused`.
    pub outcome: String,
    /// More, depending on the action. Never a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The node that wrote it.
    pub node: String,
    /// The request it belonged to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A page of the audit trail, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditCollection {
    /// The events.
    pub events: Vec<AuditEvent>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
