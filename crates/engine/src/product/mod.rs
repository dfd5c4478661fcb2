//! Products: what is sold, in which versions (`/v1/products`). Their plans are in [`crate::plan`].

mod create;
mod delete;
mod list;
mod show;
mod update;

pub use create::create;
pub use delete::delete;
pub use list::list;
pub use show::show;
pub use update::update;

use portcullis_domain::StoredProduct;
use portcullis_types::plan::Product;

use crate::Portcullis;

/// The management resource that products are below.
pub(crate) const COLLECTION: &str = "Portcullis:Products";

pub(crate) fn management_resource(product_id: &str) -> String {
    format!("{COLLECTION}/{product_id}")
}

fn wire(portcullis: &Portcullis, product: &StoredProduct) -> Product {
    product.wire(portcullis.links(&format!("/v1/products/{}", product.product_id)))
}
