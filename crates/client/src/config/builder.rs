use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use portcullis_jose::AccessKey;
use portcullis_types::{Clock, Rng, Sensitive};

use super::credential::Minter;
use super::{Credential, Retries, TokenProvider};
use crate::system::{SystemClock, SystemRng};
use crate::{Client, ClientError};

/// What a client is made of, besides its connections.
pub(crate) struct Settings {
    /// Without a trailing slash.
    pub(crate) base_url: String,
    pub(crate) issuer: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) request_timeout: Duration,
    pub(crate) retries: Retries,
    pub(crate) max_answer_bytes: usize,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

enum Chosen {
    None,
    Token(String),
    AccessKey(String),
    Provider(Arc<dyn TokenProvider>),
}

/// Makes a [`Client`]. `Debug` shows no credential.
pub struct ClientBuilder {
    base_url: String,
    chosen: Chosen,
    issuer: Option<String>,
    audiences: Vec<String>,
    connect_timeout: Duration,
    request_timeout: Duration,
    retries: Retries,
    max_answer_bytes: usize,
    user_agent: String,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl ClientBuilder {
    pub(crate) fn new(base_url: String) -> Self {
        Self {
            base_url,
            chosen: Chosen::None,
            issuer: None,
            audiences: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            retries: Retries::default(),
            max_answer_bytes: 8 << 20,
            user_agent: concat!("Portcullis SDK; Rust; ", env!("CARGO_PKG_VERSION")).to_owned(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
        }
    }

    /// Asks as a service client, with its access key `{clientId}.{keyId}.{accountId}.{privateKey}`. The key stays here: each
    /// day one token is signed with it, and sent until an hour of it is left (spec `authress-api.md` §5.3). Their issuer is
    /// the base URL, so that must be one of the server's own origins.
    #[must_use]
    pub fn access_key(mut self, key: impl Into<String>) -> Self {
        self.chosen = Chosen::AccessKey(key.into());
        self
    }

    /// Asks with this bearer: a user's access token, or whatever else the server takes. A leading `Bearer ` is dropped.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.chosen = Chosen::Token(token.into());
        self
    }

    /// Asks with the bearer that `provider` gives before each call.
    #[must_use]
    pub fn token_provider(mut self, provider: Arc<dyn TokenProvider>) -> Self {
        self.chosen = Chosen::Provider(provider);
        self
    }

    /// The issuer of the server's tokens (its public URL), for [`Client::verify_token`], and where browsers are sent by
    /// [`Client::authorization_code_flow`]; the base URL when absent. Keys are always read from the base URL.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// An audience that a user's token may be for, for [`Client::verify_token`]; may be called several times. The issuer when
    /// none is given.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// How long a connection may take to be made; 5 s by default.
    #[must_use]
    pub const fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long one attempt of a call may take, its answer included; 30 s by default.
    #[must_use]
    pub const fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = timeout;
        self
    }

    /// When calls are sent again; see [`Retries`].
    #[must_use]
    pub const fn retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// The longest answer that is read, in bytes; 8 MiB by default.
    #[must_use]
    pub const fn max_answer_bytes(mut self, bytes: usize) -> Self {
        self.max_answer_bytes = bytes;
        self
    }

    /// What the client calls itself.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Another clock: for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Another source of chance: for tests.
    #[must_use]
    pub fn rng(mut self, rng: Arc<dyn Rng>) -> Self {
        self.rng = rng;
        self
    }

    /// Makes the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::Invalid`] for a base URL that is not `http://HOST…` or `https://HOST…` or holds a query, a fragment or
    /// credentials, and for an access key that is none.
    pub fn build(self) -> Result<Client, ClientError> {
        let base_url = checked_base_url(&self.base_url)?;
        let credential = match self.chosen {
            Chosen::None => Credential::None,
            Chosen::Token(token) => Credential::Token(Sensitive::new(bare(&token))),
            Chosen::Provider(provider) => Credential::Provider(provider),
            Chosen::AccessKey(key) => {
                let key = AccessKey::parse(&key).map_err(|_error| {
                    ClientError::Invalid("access key: clientId.keyId.accountId.privateKey")
                })?;
                Credential::AccessKey(Arc::new(Minter::new(key, base_url.clone())))
            }
        };
        let mut http = reqwest::Client::builder();
        if base_url.starts_with("http:") {
            // The system's certificates take longer to read than a server in memory takes to start.
            http = http.tls_certs_only([]);
        }
        let http = http
            .user_agent(self.user_agent)
            .connect_timeout(self.connect_timeout)
            // A redirect would send the bearer elsewhere, and the API has none.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .build()
            .map_err(|_error| {
                ClientError::Invalid("a user agent of visible ASCII, and TLS on this system")
            })?;
        // Kept as it is written: issuers are compared byte for byte.
        self.issuer.as_deref().map(checked_base_url).transpose()?;
        let issuer = self.issuer.unwrap_or_else(|| base_url.clone());
        let settings = Settings {
            base_url,
            audiences: if self.audiences.is_empty() { vec![issuer.clone()] } else { self.audiences },
            issuer,
            request_timeout: self.request_timeout,
            retries: self.retries,
            max_answer_bytes: self.max_answer_bytes,
            clock: self.clock,
            rng: self.rng,
        };
        Ok(Client::assemble(http, settings, credential))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &without_credentials(&self.base_url))
            .finish_non_exhaustive()
    }
}

/// A token without the scheme that applications leave on it (`Authorization: Bearer …`).
pub(crate) fn bare(token: &str) -> &str {
    match token.split_at_checked("Bearer ".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("Bearer ") => rest.trim_start(),
        _ => token,
    }
}

fn without_credentials(url: &str) -> &str {
    url.rsplit_once('@').map_or(url, |(_, host)| host)
}

fn checked_base_url(text: &str) -> Result<String, ClientError> {
    const EXPECTED: ClientError = ClientError::Invalid(
        "base URL and issuer: http://HOST[:PORT][/PATH] or https://…, without credentials, query or fragment",
    );
    let url = reqwest::Url::parse(text).map_err(|_error| EXPECTED)?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if plain { Ok(text.trim_end_matches('/').to_owned()) } else { Err(EXPECTED) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_an_address_and_nothing_else() {
        for good in ["http://127.0.0.1:8080", "https://id.example.org/", "https://id.example.org/auth"] {
            assert_eq!(checked_base_url(good).unwrap(), good.trim_end_matches('/'));
        }
        for bad in ["id.example.org", "ftp://h", "https://u:p@h", "https://h?a=b", "https://h#f", ""] {
            assert!(matches!(checked_base_url(bad), Err(ClientError::Invalid(_))), "{bad}");
        }
    }

    #[test]
    fn a_scheme_in_front_of_a_token_is_dropped() {
        for (text, token) in
            [("Bearer a.b.c", "a.b.c"), ("bearer  x", "x"), ("a.b.c", "a.b.c"), ("Bearer", "Bearer")]
        {
            assert_eq!(bare(text), token);
        }
    }

    #[test]
    fn a_builder_prints_no_credential() {
        let builder = ClientBuilder::new("https://u:canary1@h".to_owned()).token("canary2");
        assert!(!format!("{builder:?}").contains("canary"));
    }
}
