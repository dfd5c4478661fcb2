use portcullis_types::plan::{Product, ProductBody};
use serde_json::{Value, json};

use super::backend::Local;
use super::entity::{New, entity};

/// What a new one is like.
#[derive(Debug, clap::Args)]
pub(super) struct Create {
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
    type Entity = Products;

    fn body(&self) -> Value {
        let name = self.name.as_ref().or(self.id.as_ref());
        json!({"productId": self.id, "name": name, "versions": self.versions})
    }
}

entity! {
    Products: "product" in "products", ["/productId", "/name"],
    product(ProductBody) -> Product, update since
}
