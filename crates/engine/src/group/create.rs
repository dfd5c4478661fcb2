use portcullis_domain::UserGroup;
use portcullis_store::ChangeKind;
use portcullis_types::authress::{Group, GroupBody};

use super::{check_size, wire};
use crate::access::Rights;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// How many resources are looked at together.
const BATCH: u32 = 500;

/// Creates a group.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Authress:Groups`, or when records name the id already and the caller could not hand
/// out what they give; [`Error::Conflict`] when the id is in use; [`Error::TooLarge`]; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, body: GroupBody) -> Result<Group> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let group_id = match &body.group_id {
            Some(group_id) => group_id.clone(),
            None => portcullis.mint("grp_")?,
        };
        let group = UserGroup::from_body(body, group_id, cx.name(), portcullis.change_time(None))?;
        check_size(&group)?;
        let mut rights = portcullis.rights(&cx).await?;
        rights.require_create("Authress:Groups")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        insert(&mut unit, &group).await?;
        require_hand_out_of_grants(&mut unit, &mut rights, &group.group_id).await?;
        unit.audit("group.create", &group.group_id, None);
        unit.commit().await?;
        Ok(wire(&portcullis, &group))
    })
    .await
}

/// Writes a new group within a change.
pub(crate) async fn insert(unit: &mut Unit, group: &UserGroup) -> Result<()> {
    if !unit.queries().insert_group(group).await? {
        return Err(Error::Conflict("a group of this id exists"));
    }
    note_members(unit, group);
    Ok(())
}

/// Says that what is in memory about the group's members is stale.
pub(crate) fn note_members(unit: &mut Unit, group: &UserGroup) {
    for member in group.members() {
        unit.changed(ChangeKind::User, member);
    }
}

/// Records may name a group before it exists: whoever creates it hands out what they give.
pub(super) async fn require_hand_out_of_grants(
    unit: &mut Unit,
    rights: &mut Rights,
    group_id: &str,
) -> Result<()> {
    let roles = unit.queries().roles_of_group(group_id).await?;
    rights.look_up_roles(unit.queries(), &roles).await?;
    let mut after: Option<String> = None;
    loop {
        let resources = unit.queries().resources_of_group(group_id, after.as_deref(), BATCH).await?;
        for resource in &resources {
            roles.iter().try_for_each(|role| rights.require_hand_out_role(role, resource))?;
        }
        if resources.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(());
        }
        after = resources.into_iter().next_back();
    }
}
