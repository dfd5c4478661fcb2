use portcullis_domain::{EndReason, UserProfile};
use portcullis_store::{MailPurpose, StoredPassword};
use portcullis_types::Sensitive;

use super::attempt::{Subject, begin_anew};
use crate::change::Unit;
use crate::mail::{MailAddress, password_changed};
use crate::{Portcullis, Result, session};

/// Whose password is set, and what becomes of the sessions.
pub(crate) struct NewPassword<'a> {
    /// Locked by this transaction.
    pub(crate) user: &'a UserProfile,
    pub(crate) hash: String,
    /// The session that goes on.
    pub(crate) keep: Option<&'a str>,
    pub(crate) reason: EndReason,
}

/// Sets a password as a part of a larger change: links to set another one are dead, failures are forgotten, and every other
/// session ends (AU-06, AU-12, TK-07).
pub(crate) async fn set_password(unit: &mut Unit, new: NewPassword<'_>) -> Result<()> {
    let (user_id, portcullis) = (&new.user.user_id, unit.portcullis().clone());
    let now = portcullis.now();
    let before = unit.queries().password_for_update(user_id).await?;
    // Later than the one before, also by a clock that stands still: sign-ins under way are told apart by it.
    let after = before.map(|before| before.set_at.plus_micros(1));
    let set_at = after.filter(|after| *after > now).unwrap_or(now);
    unit.queries().put_password(user_id, &StoredPassword { hash: Sensitive::new(new.hash), set_at }).await?;
    unit.queries().end_mail_tokens(user_id, MailPurpose::ResetPassword, now).await?;
    begin_anew(unit, Subject::of_user(&portcullis, new.user)).await?;
    session::end_all(unit, user_id, new.keep, new.reason).await?;
    Ok(())
}

/// Tells the address of somebody that their password was changed (AU-15). After the commit.
pub(crate) fn tell_of_change(portcullis: &Portcullis, user: &UserProfile) {
    if let Some(Ok(to)) = user.email.as_deref().map(str::parse::<MailAddress>) {
        portcullis.post().send(password_changed(to, portcullis.public_url()));
    }
}
