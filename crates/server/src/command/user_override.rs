use portcullis_types::policy::{Override, OverrideBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{self, FromFile, New, Verb, entity};
use super::target::Target;
use crate::Result;

/// Overrides: exceptions for one user, which the guard asks before roles
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb<Create>,
}

#[derive(Debug, clap::Args)]
struct Create {
    #[command(flatten)]
    from: FromFile,
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
    fn from(&self) -> &FromFile {
        &self.from
    }

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

pub(super) async fn run(args: Args) -> Result {
    entity::run::<Overrides, _>(&args.target, &args.verb).await
}

entity! {
    Overrides: "override" in "overrides", ["/overrideId", "/userId", "/effect", "/permission", "/resource"],
    user_override(OverrideBody) -> Override, update since
}
