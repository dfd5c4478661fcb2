use clap::Subcommand;
use portcullis::{Listing, PageRequest, product};
use portcullis_types::plan::{Product, ProductBody};
use serde_json::json;

use super::backend::Local;
use super::entity::{self, Entity, FromFile, ListArgs, One};
use super::target::Target;
use crate::Result;

/// Products: what is sold
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a product
    Create(Create),
    /// List all products
    List(ListArgs),
    /// Show one product
    Show(One),
    /// Delete a product that has no plans
    Delete(One),
}

#[derive(Debug, clap::Args)]
struct Create {
    #[command(flatten)]
    from: FromFile,
    /// Its id; minted when absent
    #[arg(long, conflicts_with = "file")]
    id: Option<String>,
    /// Its name [default: the id]
    #[arg(long, conflicts_with = "file", required_unless_present_any = ["id", "file"])]
    name: Option<String>,
    /// A version, oldest first; may be repeated
    #[arg(long = "version-name", value_name = "VERSION", conflicts_with = "file")]
    versions: Vec<String>,
}

pub(super) async fn run(args: Args) -> Result {
    let target = &args.target;
    match &args.verb {
        Verb::Create(new) => {
            let name = new.name.as_ref().or(new.id.as_ref());
            let flags = json!({"productId": new.id, "name": name, "versions": new.versions});
            entity::create::<Products>(target, &new.from, flags).await
        }
        Verb::List(list) => entity::list::<Products>(target, list).await,
        Verb::Show(one) => entity::show::<Products>(target, &one.id).await,
        Verb::Delete(one) => entity::delete::<Products>(target, &one.id).await,
    }
}

struct Products;

impl Entity for Products {
    const NOUN: &'static str = "product";
    const COLLECTION: &'static str = "products";
    const COLUMNS: &'static [&'static str] = &["/productId", "/name"];
    type Body = ProductBody;
    type Item = Product;

    async fn create(local: &Local, body: ProductBody) -> portcullis::Result<Product> {
        product::create(&local.portcullis, &local.cx, body).await
    }

    async fn list(local: &Local, page: PageRequest) -> portcullis::Result<Listing<Product>> {
        product::list(&local.portcullis, &local.cx, page).await
    }

    async fn show(local: &Local, id: &str) -> portcullis::Result<Product> {
        product::show(&local.portcullis, &local.cx, id).await
    }

    async fn delete(local: &Local, id: &str) -> portcullis::Result<()> {
        product::delete(&local.portcullis, &local.cx, id).await
    }
}
