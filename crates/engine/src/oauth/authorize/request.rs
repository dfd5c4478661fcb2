use std::sync::Arc;

use portcullis_domain::may_redirect_to;
use portcullis_types::Timestamp;
use portcullis_types::application::{Application, GrantTypeName, ResponseMode};
use serde::{Deserialize, Serialize};

use super::expected::{claimed_subject, hinted_subject};
use super::pkce::challenge;
use super::prompt::Prompts;
use super::response::ReplyTo;
use super::{Refusal, sealed};
use crate::browser::BrowserSession;
use crate::oauth::claims::acr_of;
use crate::oauth::{ClaimsRequest, OAuthError, OAuthErrorCode, Parameters, ScopeSet, audience_of};
use crate::{Error, Portcullis};

/// Parameters of OpenID Connect that exist, and that we do not read (Core §6, §7.2.1).
const UNSUPPORTED: [(&str, OAuthErrorCode); 3] = [
    ("request", OAuthErrorCode::RequestNotSupported),
    ("request_uri", OAuthErrorCode::RequestUriNotSupported),
    ("registration", OAuthErrorCode::RegistrationNotSupported),
];

/// The longest values, in bytes.
const MAX_STATE: usize = 2_048;
const MAX_NONCE: usize = 512;
const MAX_CLAIMS: usize = 2_048;
const MAX_LOGIN_HINT: usize = 256;

/// An authorization request (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1) in which everything is found good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) client_id: String,
    #[serde(flatten)]
    pub(super) reply_to: ReplyTo,
    /// What is asked for, all of which the application may ask for.
    pub(super) scope: String,
    pub(super) audience: String,
    pub(super) challenge: Option<String>,
    pub(super) nonce: Option<String>,
    /// `claims` as it was sent.
    pub(super) claims: Option<String>,
    pub(super) prompt: Prompts,
    /// For how many seconds before the request a sign-in counts.
    pub(super) max_age: Option<u32>,
    pub(super) login_hint: Option<String>,
    /// Who must sign in: the subject of `id_token_hint`, or of `claims`.
    pub(super) subject: Option<String>,
    /// When it came, in microseconds.
    pub(super) created_at: i64,
    /// The session whose user was asked for consent.
    pub(super) asked: Option<String>,
}

impl Request {
    pub(super) fn created_at(&self) -> Timestamp {
        Timestamp::from_micros(self.created_at)
    }

    /// Whether what `claims` needs of the sign-in is so (OpenID Connect Core §5.5.1.1).
    pub(super) fn is_met_by(&self, browser: &BrowserSession) -> bool {
        let claims = self.claims.as_deref().and_then(|claims| ClaimsRequest::parse(claims).ok());
        claims.is_none_or(|claims| claims.is_met_by(&browser.user.user_id, acr_of(&browser.session.amr)))
    }

    /// What the person is asked for. Claims that are asked for by name are no part of it: only our own applications are told those
    /// without their scope.
    pub(super) fn scopes(&self) -> ScopeSet {
        ScopeSet::stored(&self.scope)
    }
}

/// Finds out whose request it is and where its answer goes. Until both are known, nobody is redirected (AS-02, AS-22).
pub(super) async fn addressee(
    portcullis: &Portcullis,
    parameters: &Parameters,
) -> Result<(Arc<Application>, ReplyTo), Refusal> {
    let client_id = parameters.find("client_id").ok_or(Refusal::UnknownApplication)?;
    let application = portcullis.application(client_id).await?.ok_or(Refusal::UnknownApplication)?;
    let redirect_uri = parameters.find("redirect_uri").ok_or(Refusal::UnknownRedirectUri)?;
    if !may_redirect_to(&application, redirect_uri) {
        return Err(Refusal::UnknownRedirectUri);
    }
    // An error goes the way that was asked for, if that is open, else any way that is.
    let mode = response_mode(&application, parameters)
        .ok()
        .or(application.response_modes.first().copied())
        .unwrap_or(ResponseMode::Query);
    let state = bounded(parameters, "state", MAX_STATE).ok().flatten().map(str::to_owned);
    Ok((application, ReplyTo { redirect_uri: redirect_uri.to_owned(), mode, state }))
}

/// Checks everything else. What is refused here is told to the application.
pub(super) async fn checked(
    portcullis: &Portcullis,
    application: &Application,
    reply_to: ReplyTo,
    parameters: &Parameters,
) -> Result<Request, OAuthError> {
    bounded(parameters, "state", MAX_STATE)?;
    response_mode(application, parameters)?;
    if parameters.required("response_type")? != "code" {
        let description = "response_type: expected code";
        return Err(OAuthError::new(OAuthErrorCode::UnsupportedResponseType, description));
    }
    if !application.has_grant_type(GrantTypeName::AuthorizationCode) {
        let description = "the application may not use authorization codes";
        return Err(OAuthError::new(OAuthErrorCode::UnauthorizedClient, description));
    }
    if let Some((name, code)) = UNSUPPORTED.iter().find(|(name, _)| parameters.find(name).is_some()) {
        return Err(OAuthError::new(*code, format!("the parameter {name} is not supported")));
    }
    let claims = bounded(parameters, "claims", MAX_CLAIMS)?;
    let hint = parameters.find("id_token_hint");
    let subject = hint.map(|hint| hinted_subject(portcullis, application, hint)).transpose()?;
    claims.map(ClaimsRequest::parse).transpose()?;
    let of_claims = claims.map(claimed_subject).transpose()?.flatten();
    if subject.is_some() && of_claims.is_some() && subject != of_claims {
        return Err(OAuthError::invalid_request("id_token_hint and claims name two persons"));
    }
    let request = Request {
        client_id: application.application_id.clone(),
        reply_to,
        challenge: challenge(parameters, application.require_pkce)?,
        scope: ScopeSet::parse(parameters.find("scope").unwrap_or_default(), application)?.to_string(),
        audience: audience_of(portcullis, application, parameters)?,
        nonce: bounded(parameters, "nonce", MAX_NONCE)?.map(str::to_owned),
        claims: claims.map(str::to_owned),
        prompt: Prompts::parse(parameters.find("prompt").unwrap_or_default())?,
        max_age: max_age(parameters)?,
        login_hint: bounded(parameters, "login_hint", MAX_LOGIN_HINT)?.map(str::to_owned),
        subject: subject.or(of_claims),
        created_at: portcullis.now().micros(),
        asked: None,
    };
    let length =
        serde_json::to_vec(&request).map_err(|error| OAuthError::from(Error::internal(error)))?.len();
    if length > sealed::MAX_LEN {
        return Err(OAuthError::invalid_request("the request is too long"));
    }
    Ok(request)
}

/// How the answer comes; one of the application's ways (AS-18).
fn response_mode(application: &Application, parameters: &Parameters) -> Result<ResponseMode, OAuthError> {
    let mode = match parameters.find("response_mode") {
        None => Some(ResponseMode::Query),
        Some(text) => ResponseMode::of_text(text),
    };
    mode.filter(|mode| application.response_modes.contains(mode)).ok_or_else(|| {
        OAuthError::invalid_request("response_mode: expected one that is registered for the application")
    })
}

/// The value of a parameter, if it is not too long and holds no control character.
fn bounded<'a>(
    parameters: &'a Parameters,
    name: &'static str,
    most: usize,
) -> Result<Option<&'a str>, OAuthError> {
    match parameters.find(name) {
        Some(value) if value.len() > most || value.chars().any(char::is_control) => {
            Err(OAuthError::invalid_request(format!(
                "{name}: expected up to {most} bytes without control characters"
            )))
        }
        value => Ok(value),
    }
}

fn max_age(parameters: &Parameters) -> Result<Option<u32>, OAuthError> {
    let Some(text) = parameters.find("max_age") else { return Ok(None) };
    // A sign would be read as a part of the number.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let secs = text.parse().ok().filter(|_secs| digits);
    secs.map(Some).ok_or_else(|| OAuthError::invalid_request("max_age: expected a number of seconds"))
}
