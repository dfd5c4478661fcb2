use portcullis_domain::{EndReason, UserProfile};
use portcullis_types::Caller;
use portcullis_types::auth::ChangePasswordBody;

use super::attempt::{Attempt, Subject};
use super::authenticate::{Authenticated, confirm, prove};
use super::set_password::{NewPassword, set_password, tell_of_change};
use crate::access::forbidden;
use crate::change::Unit;
use crate::cx::Actor;
use crate::{Cx, Error, Portcullis, Result};

/// Changes the password of whoever asks, who must know the present one: a wrong one counts as a failed sign-in. Other sessions
/// end; the one that asks goes on (AU-06).
///
/// # Errors
/// [`Error::InvalidCredentials`] when the present password is another one, or there is none; [`Error::TooManyAttempts`];
/// [`Error::Forbidden`] for a service client and for a token that is limited; [`Error::Invalid`] with the reason why the new
/// one is not taken; [`Error::Busy`].
pub async fn change_password(portcullis: &Portcullis, cx: &Cx, body: ChangePasswordBody) -> Result<()> {
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    Portcullis::to_the_end(async move {
        let change = PasswordChange::proven(&portcullis, &cx, body).await?;
        let written = write(&portcullis, &cx, &change).await;
        let user = change.settled(written).await?;
        tell_of_change(&portcullis, &user);
        Ok(())
    })
    .await
}

async fn write(portcullis: &Portcullis, cx: &Cx, change: &PasswordChange) -> Result<UserProfile> {
    let mut unit = Unit::begin(portcullis, cx).await?;
    let user = change.write(&mut unit).await?;
    unit.commit().await?;
    Ok(user)
}

/// A change of somebody's password that waits to be written: they knew the present one, and the new one is taken.
pub(crate) struct PasswordChange {
    proven: Authenticated,
    hash: String,
    /// The session that goes on.
    keep: Option<String>,
}

impl PasswordChange {
    /// Has whoever asks prove that they know the present password. To be called by a task that runs to its end.
    pub(crate) async fn proven(portcullis: &Portcullis, cx: &Cx, body: ChangePasswordBody) -> Result<Self> {
        let Actor::Caller(Caller::User { user_id, limited_by: None, session_id }) = &cx.actor else {
            return Err(forbidden("UPDATE", &crate::user::management_resource(cx.name())));
        };
        let current = portcullis.passwords().presented("current_password", &body.current_password)?;
        let new = portcullis.passwords().prepare("new_password", &body.new_password)?;
        let mut snapshot = portcullis.read().await?;
        let user = snapshot.queries().user(user_id).await?.ok_or(Error::InvalidCredentials)?;
        let stored = snapshot.queries().password(user_id).await?;
        drop(snapshot);
        let context = [user.email.as_deref().unwrap_or_default(), user.name.as_deref().unwrap_or_default()];
        portcullis.passwords().judge("new_password", &new, &context).await?;
        let attempt = Attempt::begin(portcullis, Subject::of_user(portcullis, &user)).await?;
        let proven = prove(portcullis, cx, attempt, Some(user), stored, &current).await?;
        match portcullis.passwords().hash(&new).await {
            Ok(hash) => Ok(Self { proven, hash, keep: session_id.as_deref().map(str::to_owned) }),
            Err(error) => proven.settled(Err(error)).await,
        }
    }

    /// Writes it as a part of a larger change. Others with the same address wait until it is [`settled`](Self::settled), after
    /// the commit; then [`tell_of_change`] tells its user.
    pub(crate) async fn write(&self, unit: &mut Unit) -> Result<UserProfile> {
        let user = confirm(unit, &self.proven).await?;
        let (hash, keep, reason) = (self.hash.clone(), self.keep.as_deref(), EndReason::PasswordChanged);
        set_password(unit, NewPassword { user: &user, hash, keep, reason }).await?;
        unit.audit("user.password_change", &user.user_id, None);
        Ok(user)
    }

    /// Ends it, after it was written or could not be.
    pub(crate) async fn settled<T>(self, outcome: Result<T>) -> Result<T> {
        self.proven.settled(outcome).await
    }
}
