use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use portcullis_jose::{Digest, unverified_claims};
use portcullis_types::Sensitive;
use portcullis_types::oauth::TokenResponse;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::verify::LEEWAY_SECS;
use crate::{Client, ClientError, Result};

/// What a value of a query may hold as it is (RFC 3986 §2.3).
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How an application signs its user in with a browser: an authorization code with a proof key (RFC 6749 §4.1, RFC 7636, OpenID Connect
/// Core §3.1). See [`Client::authorization_code_flow`].
///
/// ```
/// # use portcullis_client::{AuthorizationCodeError, Client};
/// # use portcullis_client::types::oauth::TokenResponse;
/// # async fn example(client: Client, callback: &str) -> Result<TokenResponse, AuthorizationCodeError> {
/// let flow = client.authorization_code_flow("shop", "https://shop.example.org/callback").scope("openid email");
/// let started = flow.start()?;
/// // Keep `started.pending` in the browser's session, and send the browser to `started.url` …
/// // … and when it comes back to the redirect URI, with the query of that request:
/// flow.finish(&started.pending, callback).await
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `start`"]
pub struct AuthorizationCodeFlow<'c> {
    client: &'c Client,
    client_id: String,
    client_secret: Option<Sensitive>,
    redirect_uri: String,
    parameters: Vec<(String, String)>,
}

/// A sign-in that was begun.
#[derive(Clone, Debug)]
pub struct StartedAuthorization {
    /// Where the browser goes.
    pub url: String,
    /// What its coming back is checked with.
    pub pending: PendingAuthorization,
}

/// What must be known when the browser comes back. It belongs into that browser's session and nowhere else: whoever has it can finish the
/// sign-in. Good for one [`finish`](AuthorizationCodeFlow::finish).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingAuthorization {
    state: Sensitive,
    nonce: Sensitive,
    verifier: Sensitive,
}

/// Why a sign-in did not come to its end.
#[derive(Debug)]
#[non_exhaustive]
pub enum AuthorizationCodeError {
    /// The answer is not one to this sign-in: another `state`, another issuer (RFC 9207), or no answer at all. Somebody may have made it up.
    NotOurs(&'static str),
    /// The server said no: the person did (`access_denied`), or the request was wrong.
    Refused {
        /// OAuth's code.
        error: String,
        /// For people who develop.
        description: Option<String>,
    },
    /// The code could not be redeemed.
    Client(ClientError),
}

impl fmt::Display for AuthorizationCodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs(reason) => write!(f, "the answer is not to this sign-in: {reason}"),
            Self::Refused { error, description: Some(description) } => write!(f, "{error}: {description}"),
            Self::Refused { error, description: None } => f.write_str(error),
            Self::Client(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for AuthorizationCodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Client(error) => Some(error),
            Self::NotOurs(_) | Self::Refused { .. } => None,
        }
    }
}

impl From<ClientError> for AuthorizationCodeError {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl<'c> AuthorizationCodeFlow<'c> {
    pub(crate) const fn new(client: &'c Client, client_id: String, redirect_uri: String) -> Self {
        Self { client, client_id, client_secret: None, redirect_uri, parameters: Vec::new() }
    }

    /// The secret of a confidential application, which is sent in the form (`client_secret_post`).
    pub fn client_secret(mut self, secret: impl Into<Sensitive>) -> Self {
        self.client_secret = Some(secret.into());
        self
    }

    /// What is asked for, separated by spaces: `openid` for an ID token, `offline_access` for a refresh token.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.parameter("scope", scope)
    }

    /// The one resource that the access token is for (RFC 8707).
    pub fn resource(self, resource: impl Into<String>) -> Self {
        self.parameter("resource", resource)
    }

    /// Any other parameter of the request: `prompt`, `login_hint`, `max_age`, ….
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// Begins a sign-in, with a state, a nonce and a verifier of its own. Nothing is sent.
    ///
    /// # Errors
    /// [`ClientError::Credential`] when the random source failed.
    pub fn start(&self) -> Result<StartedAuthorization> {
        let random = || self.client.random_text().map(Sensitive::new);
        let pending = PendingAuthorization { state: random()?, nonce: random()?, verifier: random()? };
        let challenge = URL_SAFE_NO_PAD.encode(Digest::of(pending.verifier.expose().as_bytes()).as_bytes());
        let own = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("state", pending.state.expose()),
            ("nonce", pending.nonce.expose()),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let more = self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let query: Vec<String> = own.into_iter().chain(more).map(|(name, value)| pair(name, value)).collect();
        // The issuer is the address that browsers reach, whatever the one is that this program uses.
        let url =
            format!("{}/oauth2/authorize?{}", self.client.issuer().trim_end_matches('/'), query.join("&"));
        Ok(StartedAuthorization { url, pending })
    }

    /// Ends a sign-in: checks that `callback` (the query of the request to the redirect URI, or the form of `form_post`) answers this very
    /// sign-in, at this very server, and redeems its code. The ID token's `iss`, `aud` and `nonce` are compared, and `exp` with the clock; its
    /// signature is not checked, since it came straight from the server (OpenID Connect Core §3.1.3.7).
    ///
    /// # Errors
    /// [`AuthorizationCodeError`].
    pub async fn finish(
        &self,
        pending: &PendingAuthorization,
        callback: &str,
    ) -> Result<TokenResponse, AuthorizationCodeError> {
        let answer = Callback::read(callback)?;
        if !answer.state.is_some_and(|state| same(&state, pending.state.expose())) {
            return Err(AuthorizationCodeError::NotOurs("another state"));
        }
        if !answer.iss.is_some_and(|iss| same(&iss, self.client.issuer())) {
            return Err(AuthorizationCodeError::NotOurs("another issuer"));
        }
        if let Some(error) = answer.error {
            return Err(AuthorizationCodeError::Refused { error, description: answer.error_description });
        }
        let code = answer.code.ok_or(AuthorizationCodeError::NotOurs("neither a code nor an error"))?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", self.client_id.as_str()),
            ("redirect_uri", self.redirect_uri.as_str()),
            ("code", code.as_str()),
            ("code_verifier", pending.verifier.expose()),
        ];
        form.extend(self.client_secret.as_ref().map(|secret| ("client_secret", secret.expose())));
        let request = self.client.request(Method::POST, "/oauth2/token").anonymous();
        let tokens: TokenResponse = request.form(&form).json().await?;
        self.check_id_token(&tokens, pending)?;
        Ok(tokens)
    }

    fn check_id_token(
        &self,
        tokens: &TokenResponse,
        pending: &PendingAuthorization,
    ) -> Result<(), AuthorizationCodeError> {
        let Some(id_token) = &tokens.id_token else { return Ok(()) };
        let claims = unverified_claims(id_token.expose())
            .map_err(|_error| AuthorizationCodeError::NotOurs("an ID token that cannot be read"))?;
        let says = |name: &str, expected: &str| {
            claims.get(name).and_then(Value::as_str).is_some_and(|value| same(value, expected))
        };
        let since = self.client.now().secs().saturating_sub(LEEWAY_SECS.into());
        if claims.get("exp").and_then(Value::as_i64).is_none_or(|exp| exp <= since) {
            return Err(AuthorizationCodeError::NotOurs("an ID token that is over"));
        }
        if says("iss", self.client.issuer())
            && says("aud", &self.client_id)
            && says("nonce", pending.nonce.expose())
        {
            Ok(())
        } else {
            Err(AuthorizationCodeError::NotOurs("an ID token of another sign-in"))
        }
    }
}

/// Compares without telling, by the time it takes, where two texts differ.
fn same(left: &str, right: &str) -> bool {
    Digest::of(left.as_bytes()) == Digest::of(right.as_bytes())
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, VALUE), utf8_percent_encode(value, VALUE))
}

/// What came to the redirect URI, each parameter at most once.
#[derive(Default)]
struct Callback {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Callback {
    fn read(query: &str) -> Result<Self, AuthorizationCodeError> {
        let mut read = Self::default();
        for part in query.trim_start_matches('?').split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let slot = match name {
                "state" => &mut read.state,
                "iss" => &mut read.iss,
                "code" => &mut read.code,
                "error" => &mut read.error,
                "error_description" => &mut read.error_description,
                _ => continue,
            };
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8();
            let value = value.map_err(|_error| AuthorizationCodeError::NotOurs("not UTF-8"))?;
            if slot.replace(value.into_owned()).is_some() {
                return Err(AuthorizationCodeError::NotOurs("a parameter that comes twice"));
            }
        }
        Ok(read)
    }
}
