use portcullis_domain::UserGroup;
use portcullis_types::authress::GroupBody;
use portcullis_types::id;

use super::{Applying, Verb, required};
use crate::Result;

impl Applying {
    pub(super) async fn group(&mut self, mut body: GroupBody) -> Result<()> {
        let group_id = required("groupId", body.group_id.clone(), id::group_id)?;
        let stored = self.unit.queries().group_for_update(&group_id).await?;
        if let (None, Some(stored)) = (&body.admins, &stored) {
            body.admins = Some(stored.admins.clone());
        }
        let at = self.portcullis.change_time(stored.as_ref().map(|stored| stored.updated_at));
        let group = UserGroup::from_body(body, group_id, &self.actor, at)?;
        crate::group::check_size(&group)?;
        let verb = match &stored {
            None => Verb::Create,
            Some(stored) if *stored == (UserGroup { updated_at: stored.updated_at, ..group.clone() }) => {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        match verb {
            Verb::Unchanged => {}
            Verb::Create => crate::group::insert(&mut self.unit, &group).await?,
            Verb::Update => {
                self.unit.queries().update_group(&group).await?;
                crate::group::note_members(&mut self.unit, &group);
            }
        }
        if let (Verb::Update, Some(stored)) = (verb, &stored) {
            crate::group::note_members(&mut self.unit, stored);
        }
        self.did(verb, "group", &group.group_id);
        Ok(())
    }
}
