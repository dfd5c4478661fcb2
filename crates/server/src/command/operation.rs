use portcullis_types::operation::{Operation, OperationBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{self, FromFile, New, Verb, entity};
use super::target::Target;
use crate::Result;

/// Operations: the names by which applications ask their guard. What has no flag (a price, …) comes from a file; a deleted one is
/// denied as unknown
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
    fn from(&self) -> &FromFile {
        &self.from
    }

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

pub(super) async fn run(args: Args) -> Result {
    entity::run::<Operations, _>(&args.target, &args.verb).await
}

entity! {
    Operations: "operation" in "operations", ["/operationId", "/permission", "/tenantId"],
    operation(OperationBody) -> Operation, update since
}
