use portcullis_domain::principal_id;
use portcullis_types::id;
use portcullis_types::organization::Member;

use super::{roles_of, wire};
use crate::access::checked;
use crate::organization::{Inside, Need};
use crate::{Cx, Error, Portcullis, Result};

/// Reads a member; everybody may read their own membership.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] as when [listing](super::list()).
pub async fn show(portcullis: &Portcullis, cx: &Cx, organization_id: &str, user_id: &str) -> Result<Member> {
    checked(id::user_id, "userId", user_id)?;
    let user_id = principal_id(user_id);
    let rights = portcullis.rights(cx).await?;
    let mut snapshot = portcullis.read().await?;
    let inside = Inside::read(snapshot.queries(), &rights, cx, organization_id).await?;
    if user_id != cx.name() {
        inside.require(&rights, Need::Read, None)?;
    }
    let member = snapshot.queries().member(organization_id, user_id).await?;
    let member = member.ok_or(Error::NotFound("member"))?;
    let roles = roles_of(snapshot.queries(), organization_id, user_id).await?;
    Ok(wire(portcullis, &member, &roles))
}
