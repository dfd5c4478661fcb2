use portcullis_domain::{UserGroup, principal_id};
use portcullis_types::FieldError;
use portcullis_types::authress::{Group, GroupBody};

use super::create::require_hand_out_of_grants;
use super::{check_size, management_resource, note_members, wire};
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result, UnmodifiedSince};

/// Replaces a group. Absent `admins` stay as they are.
///
/// # Errors
/// [`Error::NotFound`] and [`Error::Forbidden`] unless the caller is an admin of it, or may UPDATE it and hand out to new members
/// and admins what records give the group; [`Error::ChangedSince`]; [`Error::TooLarge`]; [`Error::Invalid`].
pub async fn update(
    portcullis: &Portcullis,
    cx: &Cx,
    group_id: &str,
    mut body: GroupBody,
    expected: Option<UnmodifiedSince>,
) -> Result<Group> {
    checked(portcullis_types::id::group_id, "groupId", group_id)?;
    if body.group_id.as_deref().is_some_and(|given| given != group_id) {
        return Err(FieldError::new("groupId", "the id in the path, or none").into());
    }
    let (portcullis, cx, group_id) = (portcullis.clone(), cx.clone(), group_id.to_owned());
    Portcullis::to_the_end(async move {
        let mut rights = portcullis.rights(&cx).await?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let stored = unit.queries().group_for_update(&group_id).await?.ok_or(Error::NotFound("group"))?;
        rights.require_on("UPDATE", &management_resource(&group_id), stored.is_admin(cx.name()), "group")?;
        UnmodifiedSince::check(expected, stored.updated_at)?;
        body.admins.get_or_insert_with(|| stored.admins.clone());
        let at = portcullis.change_time(Some(stored.updated_at));
        let group = UserGroup::from_body(body, group_id, "", at)?;
        check_size(&group)?;
        // Whoever names a group in a record trusts its admins with the choice of members, but nobody else.
        if adds(&stored, &group) && !stored.is_admin(cx.name()) {
            require_hand_out_of_grants(&mut unit, &mut rights, &group.group_id).await?;
        }
        unit.queries().update_group(&group).await?;
        note_members(&mut unit, &stored);
        note_members(&mut unit, &group);
        unit.audit("group.update", &group.group_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &group))
    })
    .await
}

/// Whether somebody becomes a member, or an admin, who could make themselves one in the next step.
fn adds(stored: &UserGroup, group: &UserGroup) -> bool {
    let known = stored.members();
    group.members().iter().any(|member| !known.contains(member))
        || group.admins.iter().any(|admin| !stored.is_admin(principal_id(&admin.user_id)))
}
