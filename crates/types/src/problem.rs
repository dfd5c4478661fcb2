use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The one error body of every path but OAuth's and Cognito's: problem details (RFC 9457) with the members that Authress
/// clients read (`title`, `errorCode`, `errorId`; spec `authress-api.md` §1.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `about:blank`, or a URI that identifies the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// For people; may change.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, for people. Never holds a secret or the text of an internal failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// For programs; stable.
    pub error_code: String,
    /// The id of this request; the server's log holds it too.
    pub error_id: String,
    /// The part of the request that was refused: a JSON path (`statements[0].roles`), a query parameter or a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What that part should have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

/// A part of a request that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON path, a query parameter, a path parameter or a header.
    pub field: String,
    /// What would have been accepted.
    pub expected: String,
}

impl FieldError {
    /// Names the part and what it should have been.
    pub fn new(field: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { field: field.into(), expected: expected.into() }
    }

    /// The same error, one level further down: `inner` becomes `outer.inner`.
    #[must_use]
    pub fn under(mut self, outer: &str) -> Self {
        self.field = format!("{outer}.{}", self.field);
        self
    }
}

impl std::fmt::Display for FieldError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: expected {}", self.field, self.expected)
    }
}

impl std::error::Error for FieldError {}
