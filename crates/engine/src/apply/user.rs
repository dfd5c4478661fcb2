use portcullis_domain::UserProfile;
use portcullis_store::{ChangeKind, StoredPassword};
use portcullis_types::{FieldError, id};

use super::{Applying, Verb};
use crate::Result;
use crate::access::checked;
use crate::application::require_no_application;
use crate::mail::{MailAddress, email_changed};
use crate::token::require_person;
use crate::user::{NewUser, claim_address, disable_in, enable_in};

impl Applying {
    pub(super) async fn user(&mut self, new: NewUser) -> Result<()> {
        checked(id::user_id, "userId", &new.user_id)?;
        let stored = self.unit.queries().user_for_update(&new.user_id).await?;
        let before = stored
            .clone()
            .unwrap_or_else(|| UserProfile::new(new.user_id.clone(), self.portcullis.change_time(None)));
        let profile = new.profile(before.clone());
        profile.validate()?;
        if profile.pool != before.pool && self.unit.queries().user_pool(&profile.pool).await?.is_none() {
            return Err(FieldError::new("pool", "a user pool that exists").into());
        }
        let mut verb = match &stored {
            None => Verb::Create,
            Some(stored) if *stored == profile => Verb::Unchanged,
            Some(_) => Verb::Update,
        };
        if stored.is_none() {
            require_person(self.unit.queries(), &new.user_id).await?;
            require_no_application(self.unit.queries(), &new.user_id).await?;
        }
        if verb != Verb::Unchanged {
            self.unit.queries().put_user(&profile).await?;
            claim_address(&mut self.unit, &profile).await?;
            if profile.pool != before.pool {
                // Tokens that applications of the other pool hold for them are not good any more.
                self.unit.changed(ChangeKind::Subject, &profile.user_id);
            }
            if stored.is_some() && profile.email != before.email {
                self.tell_of_address(&before, &profile);
            }
        }
        let mut changed = self.import_password(&new).await?;
        if let Some(disabled) = new.disabled.filter(|disabled| *disabled != before.disabled_at.is_some()) {
            changed = true;
            match disabled {
                true => disable_in(&mut self.unit, &new.user_id).await?,
                false => enable_in(&mut self.unit, &new.user_id).await?,
            }
        }
        if changed && verb == Verb::Unchanged {
            verb = Verb::Update;
        }
        self.did(verb, "user", &profile.user_id);
        Ok(())
    }

    /// Tells the old and the new address of a change (AU-15).
    fn tell_of_address(&mut self, before: &UserProfile, after: &UserProfile) {
        for address in [&before.email, &after.email].into_iter().flatten() {
            if let Ok(to) = address.parse::<MailAddress>() {
                self.mails.push(email_changed(to, self.portcullis.public_url()));
            }
        }
    }

    /// Takes a hash over for a user who has no password. Applied again, the document must not bring an old password back that
    /// the user has changed since.
    async fn import_password(&mut self, new: &NewUser) -> Result<bool> {
        let Some(hash) = &new.password_hash else { return Ok(false) };
        self.portcullis.passwords().check_import("passwordHash", hash.expose())?;
        if self.unit.queries().password_for_update(&new.user_id).await?.is_some() {
            return Ok(false);
        }
        let password = StoredPassword { hash: hash.clone(), set_at: self.portcullis.now() };
        self.unit.queries().put_password(&new.user_id, &password).await?;
        Ok(true)
    }
}
