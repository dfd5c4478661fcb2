use portcullis_types::sign_in::SignInStatus;

use super::management_resource;
use crate::access::checked;
use crate::sign_in::Subject;
use crate::{Cx, Error, Portcullis, Result};

/// How a user stands with signing in: whether they may, whether they have a password, how often it was wrong.
///
/// # Errors
/// [`Error::NotFound`] also without READ on `Authress:Users/{user_id}`; being that user is not enough.
pub async fn sign_in_status(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<SignInStatus> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    portcullis.rights(cx).await?.require_on("READ", &management_resource(user_id), false, "user")?;
    let mut snapshot = portcullis.read().await?;
    let user = snapshot.queries().user(user_id).await?.ok_or(Error::NotFound("user"))?;
    let password = snapshot.queries().password(user_id).await?;
    let subject = Subject::of_user(portcullis, &user);
    let attempts = snapshot.queries().attempts(subject.bytes()).await?;
    let now = portcullis.now();
    Ok(SignInStatus {
        user: user.pool_user(),
        password_set_at: password.map(|password| password.set_at),
        failures: attempts.as_ref().map_or(0, |attempts| attempts.failed),
        locked_until: attempts.and_then(|attempts| attempts.locked(now)),
    })
}
