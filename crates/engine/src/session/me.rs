use portcullis_types::Caller;
use portcullis_types::auth::AuthUser;

use super::access_token::auth_user;
use crate::cx::Actor;
use crate::{Cx, Error, Portcullis, Result};

/// Who asks, as their profile says. A user without a profile has an id only.
///
/// # Errors
/// [`Error::NotFound`] for whoever is not a user.
pub async fn me(portcullis: &Portcullis, cx: &Cx) -> Result<AuthUser> {
    let Actor::Caller(Caller::User { user_id, .. }) = &cx.actor else {
        return Err(Error::NotFound("user"));
    };
    let user = portcullis.read().await?.queries().user(user_id).await?;
    Ok(user.as_ref().map(auth_user).unwrap_or_else(|| AuthUser {
        id: user_id.to_string(),
        email: None,
        name: None,
        email_verified: false,
    }))
}
