use portcullis_store::ChangeKind;

use super::management_resource;
use crate::access::checked;
use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Disables a user's token: it is refused at once on this node, and within a second on others. Users may disable their own.
///
/// # Errors
/// [`Error::NotFound`] for a token that is not this user's, or is disabled already, also without UPDATE on
/// `Authress:UserTokens/{user_id}`.
pub async fn disable(portcullis: &Portcullis, cx: &Cx, user_id: &str, token_id: &str) -> Result<()> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    checked(portcullis_types::id::opaque_id, "tokenId", token_id)?;
    let (portcullis, cx) = (portcullis.clone(), cx.clone());
    let (user_id, token_id) = (user_id.to_owned(), token_id.to_owned());
    Portcullis::to_the_end(async move {
        let rights = portcullis.rights(&cx).await?;
        rights.require_on("UPDATE", &management_resource(&user_id), cx.name() == user_id, "token")?;
        let mut unit = Unit::begin(&portcullis, &cx).await?;
        let now = portcullis.now();
        if !unit.queries().revoke_token(&user_id, &token_id, now).await? {
            return Err(Error::NotFound("token"));
        }
        unit.changed(ChangeKind::Token, &token_id);
        unit.audit("token.disable", &token_id, Some(user_id));
        unit.commit().await
    })
    .await
}
