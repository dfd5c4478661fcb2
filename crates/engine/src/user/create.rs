use portcullis_domain::UserProfile;
use portcullis_types::authress::UserIdentity;
use serde::Deserialize;

use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// A user's profile to be made.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewUser {
    /// See [`portcullis_types::id::user_id`].
    pub user_id: String,
    /// Up to 128 characters.
    #[serde(default)]
    pub name: Option<String>,
    /// Up to 256 characters.
    #[serde(default)]
    pub email: Option<String>,
}

/// Creates a user's profile.
///
/// # Errors
/// [`Error::Forbidden`] without CREATE on `Authress:Users`; [`Error::Conflict`] when there is one; [`Error::Invalid`].
pub async fn create(portcullis: &Portcullis, cx: &Cx, new: NewUser) -> Result<UserIdentity> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let profile = UserProfile {
            name: new.name,
            email: new.email,
            ..UserProfile::new(new.user_id, portcullis.change_time(None))
        };
        profile.validate()?;
        portcullis.rights(&cx).await?.require_create("Authress:Users")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        if !unit.queries().insert_user(&profile).await? {
            return Err(Error::Conflict("a user of this id exists"));
        }
        unit.audit("user.create", &profile.user_id, None);
        unit.commit().await?;
        Ok(profile.wire())
    })
    .await
}
