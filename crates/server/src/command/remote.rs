//! A server that is asked over HTTP.

use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use portcullis_types::Problem;
use reqwest::{Client, Method, StatusCode};
use serde_json::Value;

use super::target::ServerAccess;
use crate::config::SecretText;
use crate::{Error, Result};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a path segment may hold as it is (RFC 3986 §2.3). A slash inside an id is data, so it is encoded too.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A server.
pub(crate) struct Remote {
    url: String,
    key: SecretText,
    client: Client,
}

/// Path segments, each encoded.
pub(crate) fn path(segments: &[&str]) -> String {
    segments.iter().map(|segment| format!("/{}", utf8_percent_encode(segment, SEGMENT))).collect()
}

impl Remote {
    pub(crate) fn new(access: ServerAccess) -> Result<Self> {
        let client =
            Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { url: access.url, key: access.key, client })
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.success(Method::GET, path, query, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.success(Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result {
        self.success(Method::DELETE, path, &[], None).await.map(drop)
    }

    /// The body of an answer that must be a success.
    async fn success(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value> {
        let (status, answer) = self.ask(method, path, query, body).await?;
        match status {
            _ if status.is_success() => Ok(answer),
            StatusCode::NOT_FOUND => Err(portcullis::Error::NotFound("it was").into()),
            _ => Err(refusal(status, answer)),
        }
    }

    /// A question that is answered with 200 for yes and 404 for no.
    pub(crate) async fn question(&self, path: &str, query: &[(&str, &str)]) -> Result<(bool, Value)> {
        match self.ask(Method::GET, path, query, None).await? {
            (StatusCode::OK, answer) => Ok((true, answer)),
            (StatusCode::NOT_FOUND, answer) => Ok((false, answer)),
            (status, answer) => Err(refusal(status, answer)),
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value)> {
        let request =
            self.client.request(method, format!("{}{path}", self.url)).bearer_auth(self.key.expose());
        let request = if query.is_empty() { request } else { request.query(query) };
        let request = if let Some(body) = body { request.json(body) } else { request };
        let response = request.send().await?;
        let status = response.status();
        let bytes = response.bytes().await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }
}

/// What a server refused, in one line.
fn refusal(status: StatusCode, answer: Value) -> Error {
    let Ok(problem) = serde_json::from_value::<Problem>(answer) else {
        return Error::Server(format!("the server answered {status}"));
    };
    let mut line = format!("the server answered {status}: {}", problem.title);
    if let Some(detail) = problem.detail.filter(|detail| *detail != problem.title) {
        line.push_str(&format!(": {detail}"));
    }
    if let (Some(field), Some(expected)) = (problem.field, problem.expected) {
        line.push_str(&format!(" ({field}: expected {expected})"));
    }
    line.push_str(&format!(" [{}, {}]", problem.error_code, problem.error_id));
    Error::Server(line)
}

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
    fn a_refusal_says_what_was_expected_and_which_request_it_was() {
        let answer = serde_json::json!({
            "type": "about:blank", "title": "Bad", "status": 400, "errorCode": "Invalid", "errorId": "r1",
            "field": "limit", "expected": "1 to 20",
        });
        let line = refusal(StatusCode::BAD_REQUEST, answer).to_string();
        assert_eq!(line, "the server answered 400 Bad Request: Bad (limit: expected 1 to 20) [Invalid, r1]");
    }
}
