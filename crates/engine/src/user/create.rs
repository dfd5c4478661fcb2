use portcullis_domain::UserProfile;
use portcullis_store::StoredPassword;
use portcullis_types::authress::UserIdentity;
use portcullis_types::{FieldError, Sensitive};
use serde::Deserialize;

use super::claim_address;
use crate::application::require_no_application;
use crate::change::Unit;
use crate::cx::Actor;
use crate::token::require_person;
use crate::{Cx, Error, Portcullis, Result};

/// A user to be made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// See [`portcullis_types::id::user_id`].
    pub user_id: String,
    /// Up to 128 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// Up to 256 characters. Somebody's alone in the pool, if it is an address that can be matched (see
    /// [`Identifier`](portcullis_domain::Identifier)): nobody signs in with another.
    #[serde(default)]
    pub email: Option<String>,
    /// Whether the address is known to be theirs. When absent: as it was, and no after a change of address.
    #[serde(default)]
    pub email_verified: Option<bool>,
    /// The user pool, which must exist; `main` when absent, or as it was.
    #[serde(default)]
    pub pool: Option<String>,
    /// Whether the user may not sign in; as it was when absent.
    #[serde(default)]
    pub disabled: Option<bool>,
    /// A password's hash from another system, in one of the forms that can be taken over. It is replaced by one of ours when
    /// the user signs in. A password that the user has is left alone.
    #[serde(default)]
    pub password_hash: Option<Sensitive>,
}

impl NewUser {
    /// The profile that this makes of `before`, the same person's.
    pub(crate) fn profile(&self, before: UserProfile) -> UserProfile {
        let kept = self.email == before.email && before.email_verified;
        UserProfile {
            name: self.name.clone(),
            email: self.email.clone(),
            email_verified: self.email_verified.unwrap_or(kept) && self.email.is_some(),
            pool: self.pool.clone().unwrap_or(before.pool),
            ..before
        }
    }
}

/// Creates a user.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Authress:Users`; [`Error::Conflict`] when there is one, or an application of this id; [`Error::EmailTaken`];
/// [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, new: NewUser) -> Result<UserIdentity> {
    create_with(portcullis, cx, new, None).await
}

/// Creates a user with a first password. Only for local commands: whoever manages users over the API starts a reset, and never
/// knows the password (AU-23).
///
/// # Errors
/// As [`create`]; [`Error::Forbidden`] for everybody else; [`Error::Invalid`] on `password` with the reason why it is not taken.
pub async fn create_with_password(
    portcullis: &Portcullis,
    cx: &Cx,
    new: NewUser,
    password: &Sensitive,
) -> Result<UserIdentity> {
    if !matches!(cx.actor, Actor::Local(_)) {
        return Err(crate::access::forbidden("UPDATE", &super::management_resource(&new.user_id)));
    }
    let prepared = portcullis.passwords().prepare("password", password)?;
    let context = [new.email.as_deref().unwrap_or_default(), new.name.as_deref().unwrap_or_default()];
    portcullis.passwords().judge("password", &prepared, &context).await?;
    let hash = portcullis.passwords().hash(&prepared).await?;
    create_with(portcullis, cx, new, Some(hash.into())).await
}

async fn create_with(
    portcullis: &Portcullis,
    cx: &Cx,
    new: NewUser,
    hash: Option<Sensitive>,
) -> Result<UserIdentity> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let now = portcullis.change_time(None);
        let mut profile = new.profile(UserProfile::new(new.user_id.clone(), now));
        profile.disabled_at = new.disabled.unwrap_or(false).then_some(now);
        profile.validate()?;
        let imported = new.password_hash;
        if let Some(hash) = &imported {
            portcullis.passwords().check_import("passwordHash", hash.expose())?;
        }
        portcullis.rights(&cx).await?.require_create("Authress:Users")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        require_person(unit.queries(), &profile.user_id).await?;
        require_no_application(unit.queries(), &profile.user_id).await?;
        if unit.queries().user_pool(&profile.pool).await?.is_none() {
            return Err(FieldError::new("pool", "a user pool that exists").into());
        }
        if !unit.queries().insert_user(&profile).await? {
            return Err(Error::Conflict("a user of this id exists"));
        }
        claim_address(&mut unit, &profile).await?;
        if let Some(hash) = hash.or(imported) {
            unit.queries().put_password(&profile.user_id, &StoredPassword { hash, set_at: now }).await?;
        }
        unit.audit("user.create", &profile.user_id, None);
        unit.commit().await?;
        Ok(profile.wire())
    })
    .await
}
