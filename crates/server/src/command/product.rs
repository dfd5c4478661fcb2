use portcullis_types::plan::{Product, ProductBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{self, FromFile, New, Verb, entity};
use super::target::Target;
use crate::Result;

/// Products: what is sold. One with plans cannot be deleted
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

impl New for Create {
    fn from(&self) -> &FromFile {
        &self.from
    }

    fn body(&self) -> Value {
        let name = self.name.as_ref().or(self.id.as_ref());
        json!({"productId": self.id, "name": name, "versions": self.versions})
    }
}

pub(super) async fn run(args: Args) -> Result {
    entity::run::<Products, _>(&args.target, &args.verb).await
}

entity! {
    Products: "product" in "products", ["/productId", "/name"],
    product(ProductBody) -> Product, update since
}
