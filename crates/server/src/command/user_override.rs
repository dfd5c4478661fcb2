use portcullis_types::policy::{Override, OverrideBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{New, entity};

/// What a new one is like.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Its id, beginning with ovr_; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Whom it is for: a user or a service client
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    user: Option<String>,
    /// What it says: allow or deny
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    effect: Option<String>,
    /// Which permissions: document covers document:read
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    permission: Option<String>,
    /// Which resources, as a record names them
    #[arg(long, value_name = "URI", conflicts_with = "file", required_unless_present = "file")]
    resource: Option<String>,
    /// Until when: 2027-01-31T00:00:00Z [default: for good]
    #[arg(long, value_name = "INSTANT", conflicts_with = "file")]
    expires_at: Option<String>,
    /// Why
    #[arg(long, conflicts_with = "file")]
    reason: Option<String>,
}

impl New for Create {
    type Entity = Overrides;

    fn body(&self) -> Value {
        json!({
            "overrideId": self.id,
            "userId": self.user,
            "effect": self.effect,
            "permission": self.permission,
            "resource": self.resource,
            "expiresAt": self.expires_at,
            "reason": self.reason,
        })
    }
}

entity! {
    Overrides: "override" in "overrides", ["/overrideId", "/userId", "/effect", "/permission", "/resource"],
    user_override(OverrideBody) -> Override, update since
}
