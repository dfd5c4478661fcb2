//! Signing out from an application (OpenID Connect RP-Initiated Logout 1.0).

use portcullis_domain::{EndReason, Session};
use portcullis_jose::{Claims, UnverifiedToken};
use portcullis_types::application::Application;

use super::parameters::encoded;
use super::{OAuthError, Parameters, id_token, to_the_end};
use crate::change::Unit;
use crate::session::{Device, close};
use crate::{Portcullis, Result};

/// What to do about a request to sign out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndSession {
    /// Ask the person on a page: nothing says that they, and not somebody else's page, want it. When they say yes, call [`confirm`] with
    /// the same parameters.
    Ask {
        /// Which application they came from, if it is known.
        application_name: Option<String>,
        /// Where it wants them to go on afterwards; one of its registered URIs.
        redirect_uri: Option<String>,
    },
    /// They are signed out, or were before.
    Done {
        /// Where the application wants them to go on; a page of ours if nowhere. One of its registered URIs, with `state`.
        redirect_uri: Option<String>,
    },
}

/// Looks at a request to sign out, and does it if a good `id_token_hint` says that the application knows the person (SE-09). The hint may
/// have expired. It names the session that is ended; without one, it is the browser's own session if that is of the same person.
///
/// `browser` is the session of the browser that sent it. The cookie of a session that is over is good for nothing; whoever serves the page
/// removes it.
///
/// # Errors
/// `invalid_request` (for a page, never a redirect) for a hint that is not ours, and a `post_logout_redirect_uri` that is not registered
/// byte for byte; an outage.
pub async fn begin(
    portcullis: &Portcullis,
    parameters: &Parameters,
    browser: Option<&Session>,
    device: Device,
) -> Result<EndSession, OAuthError> {
    let request = Request::read(portcullis, parameters).await?;
    let Some(hint) = &request.hint else {
        return Ok(match browser {
            Some(_) => request.ask(),
            None => request.done(),
        });
    };
    let named = hint.extra("sid").and_then(serde_json::Value::as_str);
    let session = match (named, browser) {
        (Some(named), _) => {
            let session = portcullis.read().await?.queries().session(named).await?;
            session.filter(|session| session.user_id == hint.subject() && session.application.is_none())
        }
        (None, Some(browser)) if browser.user_id == hint.subject() => Some(browser.clone()),
        _ => None,
    };
    if let Some(session) = &session {
        end(portcullis, session.clone(), device).await?;
    }
    // Somebody else, or another sign-in, is left in this browser: that is theirs to say.
    let left = browser
        .is_some_and(|browser| session.as_ref().is_none_or(|ended| ended.session_id != browser.session_id));
    Ok(if left { request.ask() } else { request.done() })
}

/// Where a request to sign out leads when it is done: `None` for a page of ours. Looks only, and does nothing.
///
/// # Errors
/// As [`begin`].
pub async fn destination(
    portcullis: &Portcullis,
    parameters: &Parameters,
) -> Result<Option<String>, OAuthError> {
    Ok(Request::read(portcullis, parameters).await?.redirect_uri)
}

/// Signs the browser out after the person said yes on the page. The caller has made sure that it was the person (CSRF).
///
/// # Errors
/// As [`begin`].
pub async fn confirm(
    portcullis: &Portcullis,
    parameters: &Parameters,
    browser: Option<&Session>,
    device: Device,
) -> Result<EndSession, OAuthError> {
    let request = Request::read(portcullis, parameters).await?;
    if let Some(browser) = browser {
        end(portcullis, browser.clone(), device).await?;
    }
    Ok(request.done())
}

async fn end(portcullis: &Portcullis, session: Session, device: Device) -> Result<(), OAuthError> {
    let portcullis = portcullis.clone();
    to_the_end(async move {
        let mut unit = Unit::begin(&portcullis, &device.cx(&session.user_id)).await?;
        if close(&mut unit, &session, EndReason::Logout).await? {
            unit.queries().delete_browser_cookies_of(&session.session_id).await?;
            unit.commit().await?;
        }
        Ok(())
    })
    .await
}

/// A request to sign out whose parts agree with each other.
struct Request {
    hint: Option<Claims>,
    application_name: Option<String>,
    redirect_uri: Option<String>,
}

impl Request {
    async fn read(portcullis: &Portcullis, parameters: &Parameters) -> Result<Self, OAuthError> {
        let hint =
            parameters.find("id_token_hint").map(|hint| portcullis.id_token_claims(hint)).transpose()?;
        let said = parameters.find("client_id");
        let client_id = match &hint {
            // An ID token has one audience: the application that it was issued to.
            Some(hint) if said.is_none_or(|said| hint.has_audience(said)) => {
                hint.audience().first().map(String::as_str)
            }
            Some(_) => return Err(OAuthError::invalid_request("client_id is not the one of id_token_hint")),
            None => said,
        };
        let application = match client_id {
            Some(client_id) => portcullis.application(client_id).await?,
            None => None,
        };
        let redirect_uri = redirect_uri(parameters, application.as_deref())?;
        Ok(Self { hint, application_name: application.map(|one| one.name.clone()), redirect_uri })
    }

    fn ask(self) -> EndSession {
        EndSession::Ask { application_name: self.application_name, redirect_uri: self.redirect_uri }
    }

    fn done(self) -> EndSession {
        EndSession::Done { redirect_uri: self.redirect_uri }
    }
}

/// Where to go on: a registered URI, compared byte for byte, with `state` added.
fn redirect_uri(
    parameters: &Parameters,
    application: Option<&Application>,
) -> Result<Option<String>, OAuthError> {
    let Some(wanted) = parameters.find("post_logout_redirect_uri") else { return Ok(None) };
    let registered =
        application.is_some_and(|one| one.post_logout_redirect_uris.iter().any(|uri| uri == wanted));
    if !registered {
        let description = "post_logout_redirect_uri is not registered for the application";
        return Err(OAuthError::invalid_request(description));
    }
    let Some(state) = parameters.find("state") else { return Ok(Some(wanted.to_owned())) };
    let separator = if wanted.contains('?') { '&' } else { '?' };
    Ok(Some(format!("{wanted}{separator}state={}", encoded(state))))
}

impl Portcullis {
    /// What an ID token of ours says, however long ago it expired.
    pub(super) fn id_token_claims(&self, text: &str) -> Result<Claims, OAuthError> {
        let bad = || OAuthError::invalid_request("id_token_hint is not an ID token of this issuer");
        let token = UnverifiedToken::parse(text).map_err(|_error| bad())?;
        if !token.has_typ(id_token::TYP) {
            return Err(bad());
        }
        let keys = self.inner.keys.load();
        let key = keys.find(token.kid()).ok_or_else(bad)?;
        let claims = token.verify_lately_expired(key, self.now(), 60, u32::MAX).map_err(|_error| bad())?;
        if claims.issuer() == self.public_url() && claims.audience().len() == 1 {
            Ok(claims)
        } else {
            Err(bad())
        }
    }
}
