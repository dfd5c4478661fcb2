use portcullis_types::operation::{Operation, OperationBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{New, entity};

/// What a new one is like.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
    /// Its name: create_document
    #[arg(long, conflicts_with = "file", required_unless_present = "file", requires = "permission")]
    name: Option<String>,
    /// What one must be permitted: document:create
    #[arg(long, conflicts_with = "file")]
    permission: Option<String>,
    /// The kind of thing that it is done to
    #[arg(long, value_name = "TYPE", conflicts_with = "file")]
    resource_type: Option<String>,
    /// The resource's URI: organizations/{organization}/documents/{id}
    #[arg(long, value_name = "TEMPLATE", conflicts_with = "file")]
    resource: Option<String>,
    /// A feature that the subscription must include
    #[arg(long, conflicts_with = "file")]
    feature: Option<String>,
}

impl New for Create {
    type Entity = Operations;

    fn body(&self) -> Value {
        json!({
            "operation": self.name,
            "permission": self.permission,
            "resourceType": self.resource_type,
            "resource": self.resource,
            "feature": self.feature,
        })
    }
}

entity! {
    Operations: "operation" in "operations", ["/operationId", "/permission", "/tenantId"],
    operation(OperationBody) -> Operation, update since
}
