use portcullis_types::policy::{Policy, PolicyBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{New, entity};

/// What a new one is like.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Its id, beginning with pol_; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Its name [default: the id]
    #[arg(long, conflicts_with = "file", required_unless_present_any = ["id", "file"])]
    name: Option<String>,
    /// What it is for
    #[arg(long, conflicts_with = "file")]
    description: Option<String>,
    /// What it says: allow or deny
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    effect: Option<String>,
    /// Which permissions: document covers document:read
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    permission: Option<String>,
    /// Which resources, as a record names them
    #[arg(long, value_name = "URI", conflicts_with = "file", required_unless_present = "file")]
    resource: Option<String>,
    /// Only in this tenant
    #[arg(long, conflicts_with = "file")]
    tenant: Option<String>,
}

impl New for Create {
    type Entity = Policies;

    fn body(&self) -> Value {
        json!({
            "policyId": self.id,
            "name": self.name.as_ref().or(self.id.as_ref()),
            "description": self.description,
            "effect": self.effect,
            "permission": self.permission,
            "resource": self.resource,
            "tenantId": self.tenant,
        })
    }
}

entity! {
    Policies: "policy" in "policies", ["/policyId", "/effect", "/permission", "/resource", "/name"],
    policy(PolicyBody) -> Policy, update since
}
