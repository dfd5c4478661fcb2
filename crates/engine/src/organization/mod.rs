//! Organizations: customers with members, tenants and subscriptions (`/v1/organizations`).
//!
//! Two kinds of people work on one. **Members** hold roles on the resource `organizations/{id}` (or on one of its tenants),
//! given by access records that [`crate::member`] writes. **Operators** hold rights on `Portcullis:Organizations/{id}`. For
//! everybody else it does not exist.

mod create;
mod delete;
mod inside;
mod list;
mod memberships;
mod show;
mod suspend;
mod update;

pub use create::create;
pub(crate) use create::insert;
pub use delete::delete;
pub(crate) use inside::{Inside, Need};
pub use list::list;
pub(crate) use memberships::memberships;
pub use show::show;
pub use suspend::{resume, suspend};
pub use update::update;

use portcullis_domain::StoredOrganization;
use portcullis_types::organization::Organization;

use crate::Portcullis;

/// The management resource that organizations are below.
pub(crate) const COLLECTION: &str = "Portcullis:Organizations";

pub(crate) fn management_resource(organization_id: &str) -> String {
    format!("{COLLECTION}/{organization_id}")
}

fn wire(portcullis: &Portcullis, organization: &StoredOrganization) -> Organization {
    organization.wire(portcullis.links(&format!("/v1/organizations/{}", organization.organization_id)))
}
