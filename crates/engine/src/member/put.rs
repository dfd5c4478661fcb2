use portcullis_domain::{MemberRoles, principal_id};
use portcullis_types::organization::{Member, MemberBody};
use portcullis_types::{FieldError, Timestamp, id};

use super::{require_another_owner, roles_of, wire, write};
use crate::access::{Rights, checked};
use crate::change::Unit;
use crate::organization::{Inside, Need};
use crate::{Cx, Portcullis, Result};

/// Makes a user a member of an organization, or replaces a member's roles.
///
/// # Errors
/// [`Error::NotFound`](crate::Error::NotFound); [`Error::Forbidden`](crate::Error::Forbidden) unless the caller is an ADMIN or holds
/// UPDATE on the organization, and could hand out the roles that the member has now and those that they get;
/// [`Error::Conflict`](crate::Error::Conflict) for the last OWNER; [`Error::Invalid`](crate::Error::Invalid).
pub async fn put(
    portcullis: &Portcullis,
    cx: &Cx,
    organization_id: &str,
    user_id: &str,
    body: MemberBody,
) -> Result<Member> {
    checked(id::user_id, "userId", user_id)?;
    crate::access::same("userId", body.user_id.as_deref(), user_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (id, user_id) = (organization_id.to_owned(), principal_id(user_id).to_owned());
    Portcullis::to_the_end(async move {
        let mut rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let inside = Inside::change(&mut unit, &rights, &cx, &id).await?;
        inside.require(&rights, Need::Members, None)?;
        let roles = MemberRoles::from_body(&body)?;
        require_tenants(&mut unit, &id, &roles).await?;
        let before = roles_of(unit.queries(), &id, &user_id).await?;
        require_hand_out(&mut unit, &mut rights, &id, &before).await?;
        require_hand_out(&mut unit, &mut rights, &id, &roles).await?;
        if before.is_owner() && !roles.is_owner() {
            require_another_owner(unit.queries(), &id, &user_id).await?;
        }
        let member = write(&portcullis, &mut unit, &id, &user_id, &roles).await?;
        unit.audit("member.put", &id, Some(user_id));
        unit.commit().await?;
        Ok(wire(&portcullis, &member, &roles))
    })
    .await
}

/// Refuses roles in a tenant that is not one of the organization's.
pub(crate) async fn require_tenants(
    unit: &mut Unit,
    organization_id: &str,
    roles: &MemberRoles,
) -> Result<()> {
    for (index, (tenant_id, _)) in roles.tenants.iter().enumerate() {
        let tenant = unit.queries().tenant(tenant_id).await?;
        if tenant.is_none_or(|tenant| tenant.organization_id != organization_id) {
            let field = format!("tenants[{index}].tenantId");
            return Err(FieldError::new(field, "a tenant of the organization").into());
        }
    }
    Ok(())
}

/// AZ-10: who gives roles, or takes them, could hand them out.
pub(super) async fn require_hand_out(
    unit: &mut Unit,
    rights: &mut Rights,
    organization_id: &str,
    roles: &MemberRoles,
) -> Result<()> {
    if *roles == MemberRoles::default() {
        return Ok(());
    }
    let record = roles.record("any".to_owned(), organization_id, "any", Timestamp::from_secs(0))?;
    let compiled = record.compile();
    rights.look_up_roles(unit.queries(), compiled.iter().flat_map(|one| &one.roles)).await?;
    compiled.iter().try_for_each(|statement| rights.require_hand_out(statement))
}
