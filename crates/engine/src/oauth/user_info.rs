use portcullis_types::oauth::UserInfo;
use portcullis_types::{AuthError, Caller};
use serde_json::Value;

use super::claims::{ClaimsRequest, Place, Telling, told};
use super::issue::user_info_audience;
use super::{OAuthError, OAuthErrorCode, ScopeSet};
use crate::Portcullis;

/// What an access token says about its user, as they are now (OpenID Connect Core §5.3). It must be for userinfo or for this whole
/// API, of a sign-in, and have the scope `openid`.
///
/// # Errors
/// `invalid_token`, `insufficient_scope` (RFC 6750 §3.1), and an outage.
pub async fn user_info(portcullis: &Portcullis, access_token: &str) -> Result<UserInfo, OAuthError> {
    let invalid = |reason| OAuthError::new(OAuthErrorCode::InvalidToken, reason);
    let bearer = portcullis.issued(access_token).await.map_err(|error| match error {
        AuthError::Invalid { reason, .. } => invalid(reason),
        _ => OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, "the token could not be checked"),
    })?;
    let Caller::User { user_id, session_id: Some(session_id), .. } = &bearer.caller else {
        return Err(invalid("not a token of a sign-in"));
    };
    let audience = &bearer.facts.audience;
    if !audience.iter().any(|one| one == portcullis.public_url() || *one == user_info_audience(portcullis)) {
        return Err(invalid("the token is for another audience"));
    }
    let scope =
        bearer.facts.claims.get("scope").and_then(Value::as_str).map(ScopeSet::stored).unwrap_or_default();
    if !scope.contains("openid") {
        return Err(OAuthError::new(
            OAuthErrorCode::InsufficientScope,
            "the token does not have the scope openid",
        ));
    }
    let mut snapshot = portcullis.read().await?;
    let user = snapshot.queries().user(user_id).await?.ok_or_else(|| invalid("the user is not active"))?;
    let session =
        snapshot.queries().session(session_id).await?.ok_or_else(|| invalid("the session has ended"))?;
    drop(snapshot);
    let part = session.application;
    let request =
        part.as_ref().and_then(|part| part.claims.as_deref()).map(ClaimsRequest::parse).transpose()?;
    let application = match &part {
        Some(part) => portcullis.application(&part.client_id).await?,
        None => None,
    };
    let telling = Telling {
        application: application.as_deref(),
        user: Some(&user),
        scope: &scope,
        request: request.as_ref(),
    };
    Ok(UserInfo { sub: user.user_id.clone(), claims: told(&telling, Place::UserInfo) })
}
