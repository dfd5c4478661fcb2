use portcullis_domain::{StoredRole, is_built_in};
use portcullis_store::ChangeKind;
use portcullis_types::authress::RoleBody;
use portcullis_types::id;

use super::{Applying, Verb, required};
use crate::{Error, Result};

impl Applying {
    pub(super) async fn role(&mut self, body: RoleBody) -> Result<()> {
        let role_id = required("roleId", body.role_id.clone(), id::role_id)?;
        if is_built_in(&role_id) {
            return Err(Error::Conflict("a built-in role cannot be changed"));
        }
        let stored = self.unit.queries().role(&role_id).await?;
        let at = self.portcullis.change_time(stored.as_ref().map(|stored| stored.updated_at));
        let role = StoredRole::from_body(body, role_id, at)?;
        let verb = match stored {
            None => Verb::Create,
            Some(stored) if stored == (StoredRole { updated_at: stored.updated_at, ..role.clone() }) => {
                Verb::Unchanged
            }
            Some(_) => Verb::Update,
        };
        match verb {
            Verb::Unchanged => {}
            Verb::Create => drop(self.unit.queries().insert_role(&role).await?),
            Verb::Update => drop(self.unit.queries().update_role(&role).await?),
        }
        if verb != Verb::Unchanged {
            self.unit.changed(ChangeKind::Role, &role.role_id);
        }
        self.did(verb, "role", &role.role_id);
        Ok(())
    }
}
