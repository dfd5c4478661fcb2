use portcullis_domain::UserProfile;
use portcullis_types::id;

use super::{Applying, Verb};
use crate::Result;
use crate::access::checked;
use crate::user::NewUser;

impl Applying {
    pub(super) async fn user(&mut self, new: NewUser) -> Result<()> {
        checked(id::user_id, "userId", &new.user_id)?;
        let stored = self.unit.queries().user(&new.user_id).await?;
        let before = stored
            .clone()
            .unwrap_or_else(|| UserProfile::new(new.user_id.clone(), self.portcullis.change_time(None)));
        let profile = UserProfile { name: new.name, email: new.email, ..before };
        profile.validate()?;
        let verb = match stored {
            None => Verb::Create,
            Some(stored) if stored == profile => Verb::Unchanged,
            Some(_) => Verb::Update,
        };
        if verb != Verb::Unchanged {
            self.unit.queries().put_user(&profile).await?;
        }
        self.did(verb, "user", &profile.user_id);
        Ok(())
    }
}
