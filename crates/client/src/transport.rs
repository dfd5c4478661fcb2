//! The one place that sends.

use std::borrow::Cow;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portcullis_types::Sensitive;
use reqwest::header::{self, HeaderMap};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::Credential;
use crate::{Client, ClientError, Result};

/// What a path segment may hold as it is (RFC 3986 §2.3). A slash inside an id is data, so it is encoded too.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path of these segments, each percent-encoded: `/v1/users/a%7Cb`.
pub fn path(segments: &[&str]) -> String {
    segments.iter().map(|segment| format!("/{}", utf8_percent_encode(segment, SEGMENT))).collect()
}

/// Whether a path arrives as it is. URL parsers take `.` and `..` for steps, encoded or not, and servers may drop what is
/// empty: each would make it another question.
fn arrives(path: &str) -> bool {
    let is_kept = |segment: &str| {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        !matches!(dots.as_str(), "" | "." | "..")
    };
    path.strip_prefix('/')
        .is_some_and(|path| path.split('/').all(is_kept) && !path.contains(['?', '#', '\\']))
}

/// A call that was not sent yet: for what has no method of its own in this crate.
#[must_use = "nothing is sent before `send`, `json` or `done`"]
pub struct Request<'c> {
    client: &'c Client,
    method: Method,
    path: String,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    body: Option<Result<Vec<u8>>>,
    content_type: &'static str,
    credential: Cow<'c, Credential>,
    request_id: Option<String>,
    repeatable: bool,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

/// One attempt that led to no answer, and whether the server can have seen it.
struct Failed {
    error: ClientError,
    nothing_was_sent: bool,
}

impl<'c> Request<'c> {
    pub(crate) fn new(client: &'c Client, method: Method, path: String) -> Self {
        // RFC 9110 §9.2.2.
        let repeatable = matches!(method, Method::GET | Method::PUT | Method::DELETE);
        let credential = Cow::Borrowed(client.credential());
        let (query, headers) = (Vec::new(), Vec::new());
        let content_type = "application/json";
        let (body, request_id) = (None, None);
        Self { client, method, path, query, headers, body, content_type, credential, request_id, repeatable }
    }

    /// Adds a parameter to the query.
    pub fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// Adds a parameter to the query, if there is one.
    pub fn maybe_query(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Sends this as JSON.
    pub fn body(mut self, body: &impl Serialize) -> Self {
        let written = serde_json::to_vec(body);
        self.body =
            Some(written.map_err(|_error| ClientError::Invalid("a body that can be written as JSON")));
        self
    }

    /// Sends this as a form (RFC 6749 appendix B).
    pub(crate) fn form(mut self, fields: &[(&str, &str)]) -> Self {
        let encoded = |text: &str| utf8_percent_encode(text, SEGMENT).to_string();
        let pairs: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        self.body = Some(Ok(pairs.join("&").into_bytes()));
        self.content_type = "application/x-www-form-urlencoded";
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Makes the call repeatable: the server does it once for one key, up to 255 characters.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key).repeatable()
    }

    /// Says that sending this twice does what sending it once does.
    pub(crate) const fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Says that sending this twice may do it twice, although its method says otherwise.
    pub(crate) const fn once(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// Names the call as the application names the request that it serves, if that is 1 to 128 of `A-Z a-z 0-9 . _ -`.
    pub(crate) fn request_id(mut self, id: &str) -> Self {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if (1..=128).contains(&id.len()) && id.bytes().all(legal) {
            self.request_id = Some(id.to_owned());
        }
        self
    }

    /// Asks with another bearer than the client's.
    pub fn bearer(mut self, token: &str) -> Self {
        self.credential = Cow::Owned(Credential::Token(Sensitive::new(crate::config::bare(token))));
        self
    }

    /// Asks without a bearer.
    pub fn anonymous(mut self) -> Self {
        self.credential = Cow::Owned(Credential::None);
        self
    }

    /// Sends it, and reads a success as JSON.
    ///
    /// # Errors
    /// Every [`ClientError`].
    pub async fn json<T: DeserializeOwned>(self) -> Result<T> {
        self.success().await?.json()
    }

    /// Sends it, and reads a 200 as JSON. Any other success is no answer to a question that lets somebody in.
    pub(crate) async fn exactly_ok<T: DeserializeOwned>(self) -> Result<T> {
        let answer = self.send().await?;
        if answer.status == 200 { answer.json() } else { Err(answer.into_error()) }
    }

    /// Sends it, and wants nothing but a success.
    ///
    /// # Errors
    /// Every [`ClientError`].
    pub async fn done(self) -> Result<()> {
        self.success().await.map(drop)
    }

    async fn success(self) -> Result<Answer> {
        let answer = self.send().await?;
        if (200..300).contains(&answer.status) { Ok(answer) } else { Err(answer.into_error()) }
    }

    /// Sends it, again if that may be, and gives the last answer.
    ///
    /// # Errors
    /// Every [`ClientError`] but [`ClientError::Refused`] and [`ClientError::Unavailable`]: those are answers.
    pub async fn send(self) -> Result<Answer> {
        let settings = self.client.settings();
        // One id for all attempts: what the server keeps under it is one call.
        let request_id = match &self.request_id {
            Some(id) => id.clone(),
            None => self.client.mint_request_id()?,
        };
        let mut number = 0;
        loop {
            let outcome = self.attempt(&request_id).await;
            let (may_repeat, retry_after) = match &outcome {
                Ok(answer) => {
                    (self.repeatable && matches!(answer.status, 429 | 502 | 503 | 504), answer.retry_after)
                }
                Err(failed) => (failed.nothing_was_sent, None),
            };
            let pause = if may_repeat {
                settings.retries.pause(number, retry_after, self.client.chance()?)
            } else {
                None
            };
            let Some(pause) = pause else { return outcome.map_err(|failed| failed.error) };
            tracing::debug!(method = %self.method, request_id, number, "asking again");
            tokio::time::sleep(pause).await;
            number += 1;
        }
    }

    async fn attempt(&self, request_id: &str) -> Result<Answer, Failed> {
        let settings = self.client.settings();
        let request = self.assemble(request_id).await.map_err(Failed::unsent)?;
        let answered = async {
            let response = request.send().await.map_err(|error| {
                let nothing_was_sent = error.is_connect();
                Failed { error: error.into(), nothing_was_sent }
            })?;
            read(response, settings.max_answer_bytes).await.map_err(Failed::unheard)
        };
        tokio::time::timeout(settings.request_timeout, answered)
            .await
            .unwrap_or(Err(Failed::unheard(ClientError::Timeout)))
    }

    async fn assemble(&self, request_id: &str) -> Result<RequestBuilder> {
        if !arrives(&self.path) {
            return Err(ClientError::Invalid("ids that are neither empty nor `.` nor `..`"));
        }
        let settings = self.client.settings();
        let url = format!("{}{}", settings.base_url, self.path);
        let mut request = self.client.http().request(self.method.clone(), url);
        if !self.query.is_empty() {
            request = request.query(&self.query);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        match &self.body {
            Some(Ok(body)) => {
                request = request.header(header::CONTENT_TYPE, self.content_type).body(body.clone())
            }
            Some(Err(_)) => return Err(ClientError::Invalid("a body that can be written as JSON")),
            None => {}
        }
        if let Some(bearer) = self.credential.bearer(self.client.now()).await? {
            request = request.bearer_auth(bearer.expose());
        }
        Ok(request.header(header::ACCEPT, "application/json").header("x-request-id", request_id))
    }
}

impl Failed {
    /// It never left: another attempt would fail the same way, so it is not worth one.
    const fn unsent(error: ClientError) -> Self {
        Self { error, nothing_was_sent: false }
    }

    /// The server may have done it.
    const fn unheard(error: ClientError) -> Self {
        Self { error, nothing_was_sent: false }
    }
}

impl Answer {
    /// The body.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// [`ClientError::Decode`].
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| ClientError::json(self.status, &error))
    }

    /// What it means when it is no success.
    pub fn into_error(self) -> ClientError {
        ClientError::of(self.status, self.retry_after, &self.body)
    }
}

/// Reads an answer up to a bound.
async fn read(mut response: reqwest::Response, limit: usize) -> Result<Answer> {
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers());
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    if announced > limit {
        return Err(ClientError::TooLong { limit });
    }
    let mut body = Vec::with_capacity(announced);
    while let Some(chunk) = response.chunk().await? {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(ClientError::TooLong { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, retry_after, body })
}

/// `Retry-After` in whole seconds (RFC 9110 §10.2.3); its other form, a date, is not read.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let secs = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(secs))
}

impl Client {
    /// A number between 0 and 255 that nobody can foresee.
    fn chance(&self) -> Result<u8> {
        let mut byte = [0];
        self.settings().rng.fill(&mut byte).map_err(|_error| NO_CHANCE)?;
        let [byte] = byte;
        Ok(byte)
    }

    /// 256 random bits in 43 characters of base64url.
    pub(crate) fn random_text(&self) -> Result<String> {
        let mut bytes = [0; 32];
        self.settings().rng.fill(&mut bytes).map_err(|_error| NO_CHANCE)?;
        Ok(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// A name for one call, for the server's log and ours.
    pub(crate) fn mint_request_id(&self) -> Result<String> {
        let settings = self.settings();
        portcullis_types::mint("req_", &*settings.clock, &*settings.rng).map_err(|_error| NO_CHANCE)
    }
}

const NO_CHANCE: ClientError = ClientError::Credential("the random source failed");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_in_a_segment_is_data() {
        assert_eq!(
            path(&["v1", "users", "a|b", "resources", "docs/1"]),
            "/v1/users/a%7Cb/resources/docs%2F1"
        );
    }

    #[test]
    fn an_id_never_makes_it_another_question() {
        for id in ["..", ".", ""] {
            assert!(!arrives(&path(&["v1", "users", id, "resources"])), "{id:?}");
        }
        for raw in ["/v1/%2e%2E/x", "v1", "/v1?a", "/v1/#", "/v1\\x"] {
            assert!(!arrives(raw), "{raw}");
        }
        for id in ["../..", "a/..", "...", "?", "#", "\\", "a b", "é"] {
            assert!(arrives(&path(&["v1", "users", id])), "{id:?}");
        }
    }
}
