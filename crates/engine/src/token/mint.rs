use portcullis_domain::{StoredToken, principal_id};
use portcullis_jose::Algorithm;
use portcullis_store::Queries;
use portcullis_types::authress::{AccountRef, Statement, UserToken};
use portcullis_types::{Caller, FieldError, Timestamp};
use serde::Serialize;

use super::management_resource;
use crate::access::{checked, forbidden};
use crate::change::Unit;
use crate::cx::{Actor, is_local};
use crate::{Cx, Portcullis, Result};

pub(super) const MAX_SECS: i64 = crate::key::LONGEST_TOKEN_SECS;

/// Claims of a user's access token (RFC 9068 §2.2).
#[derive(Serialize)]
struct UserClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: [&'a str; 1],
    client_id: &'a str,
    azp: &'a str,
    iat: i64,
    exp: i64,
    jti: &'a str,
    scope: &'a str,
}

/// Mints a token with which `user_id` can do all that they may, for `ttl_secs` (1 second to 30 days). The user need not have
/// a profile.
///
/// # Errors
/// [`Error::Forbidden`](crate::Error::Forbidden) without CREATE on `Authress:UserTokens/{user_id}`, and for a limited token;
/// [`Error::Invalid`](crate::Error::Invalid), also for the id of a service client.
pub async fn mint(portcullis: &Portcullis, cx: &Cx, user_id: &str, ttl_secs: i64) -> Result<UserToken> {
    checked(portcullis_types::id::user_id, "userId", user_id)?;
    if !(1..=MAX_SECS).contains(&ttl_secs) {
        return Err(FieldError::new("ttl", "1 second to 30 days").into());
    }
    let (portcullis, cx, user_id) = (portcullis.clone(), cx.clone(), user_id.to_owned());
    Portcullis::to_the_end(async move {
        require_unlimited(&cx, &user_id)?;
        portcullis.rights(&cx).await?.require("CREATE", &management_resource(&user_id))?;
        let expires_at = portcullis.now().plus_secs(ttl_secs);
        issue(&portcullis, &cx, &user_id, Vec::new(), expires_at).await
    })
    .await
}

/// Refuses a limited token: it must not beget one that is limited otherwise, or not at all.
pub(super) fn require_unlimited(cx: &Cx, user_id: &str) -> Result<()> {
    match &cx.actor {
        Actor::Caller(Caller::User { limited_by: Some(_), .. }) => {
            Err(forbidden("CREATE", &management_resource(user_id)))
        }
        _ => Ok(()),
    }
}

/// Refuses whoever must not be impersonated: local commands hold everything, and service clients have keys of their own.
pub(crate) async fn require_person(queries: &mut dyn Queries, user_id: &str) -> Result<()> {
    let is_person = !is_local(user_id) && principal_id(user_id) == user_id;
    if is_person && queries.client(user_id).await?.is_none() {
        Ok(())
    } else {
        Err(FieldError::new("userId", "a user, not a service client or a local command").into())
    }
}

/// Stores and signs a token.
pub(super) async fn issue(
    portcullis: &Portcullis,
    cx: &Cx,
    user_id: &str,
    statements: Vec<Statement>,
    expires_at: Timestamp,
) -> Result<UserToken> {
    let token = StoredToken {
        token_id: portcullis.mint("tok_")?,
        user_id: user_id.to_owned(),
        statements,
        expires_at,
        revoked_at: None,
    };
    let public_url = portcullis.public_url();
    let claims = UserClaims {
        iss: public_url,
        sub: user_id,
        aud: [public_url],
        client_id: cx.name(),
        azp: cx.name(),
        iat: portcullis.now().secs(),
        exp: expires_at.secs(),
        jti: &token.token_id,
        scope: "openid profile email",
    };
    let signed = portcullis.sign(Algorithm::EdDsa, "at+jwt", &claims)?;
    let mut unit = Unit::begin(portcullis, cx).await?;
    require_person(unit.queries(), user_id).await?;
    unit.queries().insert_token(&token).await?;
    unit.audit("token.create", &token.token_id, Some(user_id.to_owned()));
    unit.commit().await?;
    Ok(UserToken {
        account: Some(AccountRef { account_id: portcullis.account().account_id.clone() }),
        user_id: user_id.to_owned(),
        links: Some(portcullis.links(&format!("/v1/users/{user_id}/tokens/{}", token.token_id))),
        token_id: token.token_id,
        token: signed,
    })
}
