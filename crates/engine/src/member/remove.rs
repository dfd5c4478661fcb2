use portcullis_domain::{organization_resource, principal_id};
use portcullis_store::ChangeKind;
use portcullis_types::id;

use super::put::require_hand_out;
use super::{delete_record, require_another_owner, roles_of};
use crate::access::checked;
use crate::change::Unit;
use crate::organization::{Inside, Need};
use crate::{Cx, Error, Portcullis, Result};

/// Takes a member out of an organization, with every role and seat in it. Everybody may leave.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Forbidden`] unless the caller is the member, or is an ADMIN or holds UPDATE on the
/// organization, and could hand out the member's roles; [`Error::Conflict`] for the last OWNER.
pub async fn remove(portcullis: &Portcullis, cx: &Cx, organization_id: &str, user_id: &str) -> Result<()> {
    checked(id::user_id, "userId", user_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (id, user_id) = (organization_id.to_owned(), principal_id(user_id).to_owned());
    Portcullis::to_the_end(async move {
        let mut rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &id).await?;
        let roles = roles_of(unit.queries(), &id, &user_id).await?;
        let leaves =
            user_id == cx.name() && rights.token_covers("organization:members", &organization_resource(&id));
        if !leaves {
            inside.require(&rights, Need::Members, None)?;
            require_hand_out(&mut unit, &mut rights, &id, &roles).await?;
        }
        if roles.is_owner() {
            require_another_owner(unit.queries(), &id, &user_id).await?;
        }
        if !unit.queries().delete_member(&id, &user_id).await? {
            return Err(Error::NotFound("member"));
        }
        delete_record(&portcullis, &mut unit, &id, &user_id).await?;
        unit.changed(ChangeKind::Organization, &id);
        unit.audit("member.remove", &id, Some(user_id));
        unit.commit().await
    })
    .await
}
