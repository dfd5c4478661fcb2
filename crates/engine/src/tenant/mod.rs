//! Tenants: organizations' isolated environments (`/v1/organizations/{id}/tenants`).

mod create;
mod delete;
mod list;
mod show;
mod suspend;
mod update;

pub use create::create;
pub(crate) use create::insert;
pub use delete::delete;
pub use list::list;
pub use show::show;
pub use suspend::{resume, suspend};
pub use update::update;

use portcullis_domain::StoredTenant;
use portcullis_types::organization::Tenant;

use crate::change::Unit;
use crate::{Error, Portcullis, Result};

fn wire(portcullis: &Portcullis, tenant: &StoredTenant) -> Tenant {
    let StoredTenant { organization_id, tenant_id, .. } = tenant;
    tenant.wire(portcullis.links(&format!("/v1/organizations/{organization_id}/tenants/{tenant_id}")))
}

/// An organization's tenant; another's is none.
fn of_organization(found: Option<StoredTenant>, organization_id: &str) -> Result<StoredTenant> {
    found.filter(|tenant| tenant.organization_id == organization_id).ok_or(Error::NotFound("tenant"))
}

/// The tenant of an organization that is locked.
async fn find(unit: &mut Unit, organization_id: &str, tenant_id: &str) -> Result<StoredTenant> {
    of_organization(unit.queries().tenant_for_update(tenant_id).await?, organization_id)
}
