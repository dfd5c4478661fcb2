use portcullis_domain::{Session, UserProfile};
use portcullis_types::application::Application;
use serde::Serialize;
use serde_json::{Map, Value};

use super::claims::{ClaimsRequest, Place, Telling, acr_of, told};
use super::{ScopeSet, algorithm, sign};
use crate::session::{expiry, policy_of};
use crate::{Portcullis, Result};

/// The kind of token in the header of ID tokens: never that of an access token (TK-13).
pub(super) const TYP: &str = "JWT";

/// Claims of an ID token (OpenID Connect Core §2, §3.1.3.6).
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    azp: &'a str,
    iat: i64,
    exp: i64,
    auth_time: i64,
    acr: &'a str,
    amr: &'a [String],
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    c_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    /// The person's browser session, which is not the application's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(flatten)]
    about: Map<String, Value>,
}

/// What an ID token is made of.
pub(super) struct IdToken<'a> {
    pub(super) application: &'a Application,
    pub(super) session: &'a Session,
    pub(super) user: &'a UserProfile,
    pub(super) scope: &'a ScopeSet,
    pub(super) request: Option<&'a ClaimsRequest>,
    pub(super) access_token: &'a str,
    /// The nonce of the authorization request; none in the answer to a refresh (§12.2).
    pub(super) nonce: Option<&'a str>,
    /// The code that was redeemed.
    pub(super) code: Option<&'a str>,
}

impl IdToken<'_> {
    /// Signs it with the application's algorithm. Good as long as the application's ID tokens are, else as its access tokens are.
    pub(super) fn sign(&self, portcullis: &Portcullis) -> Result<String> {
        let Self { application, session, user, scope, request, .. } = self;
        let now = portcullis.now();
        let lifetime = application.id_token_secs.or(application.access_token_secs);
        let lifetime = lifetime.map_or_else(|| policy_of(portcullis, user).access_token_secs, i64::from);
        let algorithm = algorithm(application.signing_algorithm);
        let telling = Telling { application: Some(application), user: Some(user), scope, request: *request };
        let part = session.application.as_ref();
        let claims = Claims {
            iss: portcullis.public_url(),
            sub: &session.user_id,
            aud: &application.application_id,
            azp: &application.application_id,
            iat: now.secs(),
            exp: expiry(now, lifetime, None)?,
            auth_time: session.auth_time.secs(),
            acr: acr_of(&session.amr),
            amr: &session.amr,
            at_hash: algorithm.half_hash(self.access_token),
            c_hash: self.code.map(|code| algorithm.half_hash(code)),
            nonce: self.nonce,
            sid: part.and_then(|part| part.browser_session.as_deref()),
            about: told(&telling, Place::IdToken),
        };
        sign(portcullis, application.signing_algorithm, TYP, &claims)
    }
}
