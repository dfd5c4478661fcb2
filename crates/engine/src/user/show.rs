use portcullis_types::authress::UserIdentity;

use super::management_resource;
use crate::access::checked;
use crate::{Cx, Error, Portcullis, Result};

/// Reads a user's profile; everybody may read their own.
///
/// # Errors
/// [`Error::NotFound`] also without READ on it.
pub async fn show(portcullis: &Portcullis, cx: &Cx, user_id: &str) -> Result<UserIdentity> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    let rights = portcullis.rights(cx).await?;
    rights.require_on("READ", &management_resource(user_id), cx.name() == user_id, "user")?;
    let user = portcullis.read().await?.queries().user(user_id).await?;
    Ok(user.ok_or(Error::NotFound("user"))?.wire())
}
