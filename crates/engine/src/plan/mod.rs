//! Plans: what is in a product at a price (`/v1/products/{id}/plans`). Managed with the rights on their product.

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

use portcullis_domain::{MAX_DOCUMENT_BYTES, StoredPlan, TooLarge};
use portcullis_types::plan::Plan;

use crate::{Error, Portcullis, Result};

fn wire(portcullis: &Portcullis, plan: &StoredPlan) -> Plan {
    plan.wire(portcullis.links(&format!("/v1/products/{}/plans/{}", plan.product_id, plan.plan_id)))
}

/// A product's plan; another's is none.
fn of_product(found: Option<StoredPlan>, product_id: &str) -> Result<StoredPlan> {
    found.filter(|plan| plan.product_id == product_id).ok_or(Error::NotFound("plan"))
}

pub(crate) fn check_size(plan: &StoredPlan) -> Result<()> {
    let bytes = serde_json::to_vec(plan).map_err(Error::internal)?.len();
    if bytes > MAX_DOCUMENT_BYTES { Err(TooLarge.into()) } else { Ok(()) }
}
