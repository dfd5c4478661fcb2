use portcullis_domain::{Session, UserProfile};
use portcullis_types::application::Application;
use serde::Serialize;
use serde_json::{Map, Value};

use super::claims::{Place, Telling, acr_of, told};
use super::{ScopeSet, sign};
use crate::session::{expiry, policy_of};
use crate::{Error, Portcullis, Result};

/// What the ids of tokens begin with that an application has for itself. No other token of ours has such an id.
pub(crate) const APPLICATION_TOKEN: &str = "mat_";

/// Claims of an application's access token (RFC 9068 §2.2). One audience, as a text (TK-08).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    azp: &'a str,
    iat: i64,
    exp: i64,
    jti: &'a str,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<&'a [String]>,
    #[serde(flatten)]
    own: Map<String, Value>,
}

/// A token that was signed.
pub(super) struct Signed {
    pub(super) text: String,
    /// For how many seconds it is good.
    pub(super) expires_in: i64,
}

/// An access token for what a person gave an application. `scope` may be less than what was given.
///
/// # Errors
/// [`Error::Unauthenticated`] in the last fraction of the session's last second.
pub(super) fn of_session(
    portcullis: &Portcullis,
    application: &Application,
    session: &Session,
    user: &UserProfile,
    scope: &ScopeSet,
) -> Result<Signed> {
    let now = portcullis.now();
    let lifetime = application
        .access_token_secs
        .map_or_else(|| policy_of(portcullis, user).access_token_secs, i64::from);
    let exp = expiry(now, lifetime, Some(session.absolute_expires_at))?;
    let part =
        session.application.as_ref().ok_or_else(|| Error::internal("not a session of an application"))?;
    let telling = Telling { application: Some(application), user: Some(user), scope, request: None };
    let claims = Claims {
        iss: portcullis.public_url(),
        sub: &session.user_id,
        aud: &part.audience,
        client_id: &application.application_id,
        azp: &application.application_id,
        iat: now.secs(),
        exp,
        jti: &portcullis.mint("at_")?,
        scope: scope.to_string(),
        sid: Some(&session.session_id),
        auth_time: Some(session.auth_time.secs()),
        acr: Some(acr_of(&session.amr)),
        amr: Some(&session.amr),
        own: told(&telling, Place::AccessToken),
    };
    let text = sign(portcullis, application.signing_algorithm, "at+jwt", &claims)?;
    Ok(Signed { text, expires_in: lifetime.min(exp.saturating_sub(now.secs())) })
}

/// An access token that an application has for itself: nothing of it is stored.
pub(super) fn of_application(
    portcullis: &Portcullis,
    application: &Application,
    scope: &ScopeSet,
    audience: &str,
) -> Result<Signed> {
    let now = portcullis.now();
    let default = portcullis.inner.settings.sessions.access_token_secs;
    let lifetime = application.access_token_secs.map_or(default, i64::from);
    let exp = expiry(now, lifetime, None)?;
    let telling = Telling { application: Some(application), user: None, scope, request: None };
    let claims = Claims {
        iss: portcullis.public_url(),
        sub: &application.application_id,
        aud: audience,
        client_id: &application.application_id,
        azp: &application.application_id,
        iat: now.secs(),
        exp,
        jti: &portcullis.mint(APPLICATION_TOKEN)?,
        scope: scope.to_string(),
        sid: None,
        auth_time: None,
        acr: None,
        amr: None,
        own: told(&telling, Place::AccessToken),
    };
    let text = sign(portcullis, application.signing_algorithm, "at+jwt", &claims)?;
    Ok(Signed { text, expires_in: lifetime.min(exp.saturating_sub(now.secs())) })
}
