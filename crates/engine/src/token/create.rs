use portcullis_domain::validate_statements;
use portcullis_types::authress::{TokenRequest, UserToken};
use portcullis_types::{Caller, FieldError};

use super::management_resource;
use super::mint::{MAX_SECS, issue, require_unlimited};
use crate::access::checked;
use crate::cx::Actor;
use crate::{Cx, Portcullis, Result};

/// Makes a user's token that is limited to statements: it can do what they grant and the user may. Users may make limited
/// tokens for themselves.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) unless the caller is the user, may CREATE on `Authress:UserTokens/{user_id}`, or
/// is a service client with `grantTokenGeneration`, and for a limited token; [`Error::Invalid`](crate::Error::Invalid), also for
/// the id of a service client.
pub async fn create(
    portcullis: &Portcullis,
    cx: &Cx,
    user_id: &str,
    request: TokenRequest,
) -> Result<UserToken> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    validate_statements(&request.statements, 1)?;
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        require_unlimited(&cx, &user_id)?;
        let exempt = match &cx.actor {
            Actor::Caller(Caller::User { user_id: own, .. }) => **own == *user_id,
            Actor::Caller(Caller::Client { options, .. }) => options.grant_token_generation,
            _ => false,
        };
        if !exempt {
            portcullis.rights(&cx).await?.require("CREATE", &management_resource(&user_id))?;
        }
        let now = portcullis.now();
        let user = portcullis.read().await?.queries().user(&user_id).await?;
        let expires_at = request.expires.unwrap_or(now.plus_secs(crate::user::token_secs(user.as_ref())));
        if expires_at.secs() <= now.secs() || expires_at > now.plus_secs(MAX_SECS) {
            return Err(FieldError::new("expires", "in the future, at most 30 days ahead").into());
        }
        issue(&portcullis, &cx, &user_id, request.statements, expires_at).await
    })
    .await
}
