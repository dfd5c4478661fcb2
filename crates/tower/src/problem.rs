use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use portcullis_types::{FieldError, Problem};
use serde_json::{Map, Value};

use crate::RequestId;

/// A problem (RFC 9457) on its way to a client: the [`Problem`] body, members that only some answers have, and headers.
///
/// As a response it has the content type `application/problem+json`. Without [`of_request`](Self::of_request) its `errorId`
/// is empty.
#[derive(Clone, Debug, PartialEq)]
pub struct ProblemResponse {
    problem: Problem,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl ProblemResponse {
    /// A problem with a status, a title for people, and a stable code for programs.
    pub fn new(status: StatusCode, title: &str, error_code: &str) -> Self {
        let problem = Problem {
            kind: "about:blank".to_owned(),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: None,
            error_code: error_code.to_owned(),
            error_id: String::new(),
            field: None,
            expected: None,
        };
        Self { problem, members: Map::new(), headers: Vec::new() }
    }

    /// 400 `InvalidRequest`: a part of the request that cannot be accepted, and what would be.
    pub fn invalid(refused: FieldError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Invalid request", "InvalidRequest").with_field(refused)
    }

    /// Names the kind of problem: a URI reference (RFC 9457 §3.1.1).
    #[must_use]
    pub fn with_kind(mut self, kind: &str) -> Self {
        kind.clone_into(&mut self.problem.kind);
        self
    }

    /// Says what happened this time. Never a secret, never the text of an internal failure.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.problem.detail = Some(detail.into());
        self
    }

    /// Names the part of the request that was refused.
    #[must_use]
    pub fn with_field(mut self, refused: FieldError) -> Self {
        self.problem.detail.get_or_insert_with(|| refused.to_string());
        self.problem.field = Some(refused.field);
        self.problem.expected = Some(refused.expected);
        self
    }

    /// Adds a member of its own to the body (RFC 9457 §3.2).
    #[must_use]
    pub fn with_member(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says which kind of problem it is, by a URI (RFC 9457 §3.1.1).
    #[must_use]
    pub fn with_type(mut self, kind: impl Into<String>) -> Self {
        self.problem.kind = kind.into();
        self
    }

    /// Names the request, by which the log tells more.
    #[must_use]
    pub fn of_request(mut self, id: &RequestId) -> Self {
        id.as_str().clone_into(&mut self.problem.error_id);
        self
    }

    /// The status that it answers with.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What the body will say.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The headers that it answers with, besides its content type.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    fn body(&self) -> serde_json::Result<Vec<u8>> {
        if self.members.is_empty() {
            return serde_json::to_vec(&self.problem);
        }
        let mut body = serde_json::to_value(&self.problem)?;
        if let Value::Object(object) = &mut body {
            for (name, value) in &self.members {
                // What every problem has cannot be replaced.
                object.entry(name).or_insert_with(|| value.clone());
            }
        }
        serde_json::to_vec(&body)
    }
}

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        // A problem is strings and a number, which always become JSON; the status says the rest if that ever changes.
        let mut response = Response::new(Body::from(self.body().unwrap_or_default()));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_problem_has_the_members_that_clients_read_and_those_of_its_own() {
        let problem = ProblemResponse::invalid(FieldError::new("limit", "1 to 20"))
            .with_member("explanation", json!({ "decision": "deny" }))
            .with_member("status", json!(200))
            .of_request(&RequestId("req-1".into()));
        let response = problem.into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let expected = json!({
            "type": "about:blank", "title": "Invalid request", "status": 400, "errorCode": "InvalidRequest",
            "errorId": "req-1", "detail": "limit: expected 1 to 20", "field": "limit", "expected": "1 to 20",
            "explanation": { "decision": "deny" },
        });
        assert_eq!(body, expected);
    }
}
