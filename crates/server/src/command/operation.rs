use clap::Subcommand;
use portcullis::{Listing, PageRequest, operation};
use portcullis_types::operation::{Operation, OperationBody};
use serde_json::json;

use super::backend::Local;
use super::entity::{self, Entity, FromFile, ListArgs, One};
use super::target::Target;
use crate::Result;

/// Operations: the names by which applications ask their guard
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Register an operation; its price and what else it takes come from a file
    Create(Create),
    /// List all operations
    List(ListArgs),
    /// Show one operation
    Show(One),
    /// Delete an operation; it is then denied as unknown
    Delete(One),
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

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Create(new) => {
            let flags = json!({
                "operation": new.name,
                "permission": new.permission,
                "resourceType": new.resource_type,
                "resource": new.resource,
                "feature": new.feature,
            });
            entity::create::<Operations>(target, &new.from, flags).await
        }
        Verb::List(list) => entity::list::<Operations>(target, list).await,
        Verb::Show(one) => entity::show::<Operations>(target, &one.id).await,
        Verb::Delete(one) => entity::delete::<Operations>(target, &one.id).await,
    }
}

struct Operations;

impl Entity for Operations {
    const NOUN: &'static str = "operation";
    const COLLECTION: &'static str = "operations";
    const COLUMNS: &'static [&'static str] = &["/operationId", "/permission", "/tenantId"];
    type Body = OperationBody;
    type Item = Operation;

    async fn create(local: &Local, body: OperationBody) -> portcullis::Result<Operation> {
        operation::create(&local.portcullis, &local.cx, body).await
    }

    async fn list(local: &Local, page: PageRequest) -> portcullis::Result<Listing<Operation>> {
        operation::list(&local.portcullis, &local.cx, page).await
    }

    async fn show(local: &Local, id: &str) -> portcullis::Result<Operation> {
        operation::show(&local.portcullis, &local.cx, id).await
    }

    async fn delete(local: &Local, id: &str) -> portcullis::Result<()> {
        operation::delete(&local.portcullis, &local.cx, id).await
    }
}
