//! Members of organizations. A membership is an access record with a fixed id that only these use cases write, and a row that
//! says who belongs: roles are read from the record, never from the row.

mod list;
mod put;
mod record;
mod remove;
mod show;

pub use list::list;
pub use put::put;
pub(crate) use put::require_tenants;
pub(crate) use record::{delete_record, roles_of, write};
pub use remove::remove;
pub use show::show;

use portcullis_domain::{MemberRoles, ORGANIZATION_OWNER, StoredMember, organization_resource};
use portcullis_store::Queries;
use portcullis_types::organization::Member;

use crate::{Error, Portcullis, Result};

fn wire(portcullis: &Portcullis, member: &StoredMember, roles: &MemberRoles) -> Member {
    let StoredMember { organization_id, user_id, joined_at } = member;
    let (roles, tenants) = roles.wire();
    // An id may hold a slash, which is data here.
    let segment = user_id.replace('/', "%2F");
    Member {
        user_id: user_id.clone(),
        roles,
        tenants,
        joined_at: *joined_at,
        links: portcullis.links(&format!("/v1/organizations/{organization_id}/members/{segment}")),
    }
}

/// Refuses to leave an organization without an OWNER. The organization must be locked.
pub(crate) async fn require_another_owner(
    queries: &mut dyn Queries,
    organization_id: &str,
    user_id: &str,
) -> Result<()> {
    let resource = organization_resource(organization_id);
    let owners = queries.members_with_role(organization_id, &resource, ORGANIZATION_OWNER, 2).await?;
    if owners.iter().any(|owner| owner != user_id) {
        Ok(())
    } else {
        Err(Error::Conflict("the last OWNER of an organization cannot be removed or demoted"))
    }
}
