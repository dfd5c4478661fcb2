use std::fmt;
use std::time::Duration;

use portcullis_types::Problem;

/// Why a call has no result. It never holds a credential, a body, or an address with credentials in it.
///
/// There are two kinds, and security decisions must tell them apart: the server said no ([`ClientError::is_refusal`]), or it
/// could not be asked ([`ClientError::could_not_ask`]). Every error is exactly one of them.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientError {
    /// The server answered with a 4xx other than 408 and 429.
    Refused(Box<Refusal>),
    /// The server (or a proxy before it) answered with 5xx, 408 or 429: it may do so another time.
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// The stable code, if the answer had one: `rate_limited`, `TooManyRequests`, ….
        error_code: Option<String>,
        /// The id under which the server's log holds the call.
        error_id: Option<String>,
        /// How long the server asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// Nothing came within the configured time.
    Timeout,
    /// No connection, or one that broke.
    Transport(reqwest::Error),
    /// The answer is longer than [`ClientBuilder::max_answer_bytes`](crate::ClientBuilder::max_answer_bytes).
    TooLong {
        /// The bound, in bytes.
        limit: usize,
    },
    /// The answer is a success, and not what the API documents.
    Decode {
        /// The HTTP status.
        status: u16,
        /// What was expected, or where the JSON stopped to make sense. Never a part of the answer.
        expected: String,
    },
    /// There is no bearer to ask with.
    Credential(&'static str),
    /// Nothing was sent: a setting or an argument cannot be used. The text says what was expected.
    Invalid(&'static str),
}

/// What a server refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// For people; may change.
    pub title: Option<String>,
    /// What happened this time, for people.
    pub detail: Option<String>,
    /// For programs; stable. Decide by this.
    pub error_code: Option<String>,
    /// The id under which the server's log holds the call.
    pub error_id: Option<String>,
    /// The part of the request that was refused: a JSON path, a parameter or a header.
    pub field: Option<String>,
    /// What that part should have been.
    pub expected: Option<String>,
}

/// What calls answer.
pub type Result<T, E = ClientError> = std::result::Result<T, E>;

impl ClientError {
    /// The server understood, and said no: asking again gives the same answer.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused(_))
    }

    /// There is no answer: nothing may be concluded from it, and whoever decides must refuse.
    pub const fn could_not_ask(&self) -> bool {
        !self.is_refusal()
    }

    /// What was refused, if it was.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Unavailable { status, .. } | Self::Decode { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The stable code, if the answer had one.
    pub fn error_code(&self) -> Option<&str> {
        match self {
            Self::Refused(refusal) => refusal.error_code.as_deref(),
            Self::Unavailable { error_code, .. } => error_code.as_deref(),
            _ => None,
        }
    }

    /// Whether there is no such thing, or the caller may not know that there is (404).
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == 404)
    }

    /// An answer that is not what the API documents.
    pub(crate) fn decode(status: u16, expected: impl Into<String>) -> Self {
        Self::Decode { status, expected: expected.into() }
    }

    /// The same, from JSON. Its own text may quote the answer, tokens included, so only the place is kept.
    pub(crate) fn json(status: u16, error: &serde_json::Error) -> Self {
        let kind = match error.classify() {
            serde_json::error::Category::Data => "the documented members",
            _ => "JSON",
        };
        Self::decode(status, format!("{kind} (line {}, column {})", error.line(), error.column()))
    }

    /// What an answer that is no success means.
    pub(crate) fn of(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let said = Said::read(body);
        match status {
            408 | 429 | 500.. => Self::Unavailable {
                status,
                error_code: said.error_code,
                error_id: said.error_id,
                retry_after,
            },
            400..500 => Self::Refused(Box::new(said.into_refusal(status))),
            _ => Self::decode(status, "a success or an error"),
        }
    }
}

impl From<reqwest::Error> for ClientError {
    fn from(error: reqwest::Error) -> Self {
        // The address may hold what somebody put into it.
        if error.is_timeout() { Self::Timeout } else { Self::Transport(error.without_url()) }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unavailable { status, error_id, .. } => {
                write!(f, "the server answered {status}")?;
                error_id.iter().try_for_each(|id| write!(f, " [{id}]"))
            }
            Self::Timeout => f.write_str("the server did not answer in time"),
            Self::Transport(_) => f.write_str("the server cannot be asked"),
            Self::TooLong { limit } => write!(f, "the answer is longer than {limit} bytes"),
            Self::Decode { status, expected } => {
                write!(f, "the server answered {status} with something else than expected: {expected}")
            }
            Self::Credential(what) => f.write_str(what),
            Self::Invalid(expected) => write!(f, "expected {expected}"),
        }
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for Refusal {
    /// One line: `the server answered 400: title: detail (field: expected …) [code, id]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server answered {}", self.status)?;
        if let Some(title) = &self.title {
            write!(f, ": {title}")?;
        }
        if let Some(detail) = self.detail.as_ref().filter(|detail| Some(*detail) != self.title.as_ref()) {
            write!(f, ": {detail}")?;
        }
        if let (Some(field), Some(expected)) = (&self.field, &self.expected) {
            write!(f, " ({field}: expected {expected})")?;
        }
        match (&self.error_code, &self.error_id) {
            (Some(code), Some(id)) => write!(f, " [{code}, {id}]"),
            (Some(one), None) | (None, Some(one)) => write!(f, " [{one}]"),
            (None, None) => Ok(()),
        }
    }
}

/// The members of an error body that are read, all optional: servers of the API differ (spec `authress-api.md` §1.4).
#[derive(Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Said {
    title: Option<String>,
    // OAuth's refusals (RFC 6749 §5.2) use other names.
    #[serde(alias = "error_description")]
    detail: Option<String>,
    #[serde(alias = "error")]
    error_code: Option<String>,
    error_id: Option<String>,
    field: Option<String>,
    expected: Option<String>,
}

impl Said {
    /// A proxy's page, or nothing, says nothing.
    fn read(body: &[u8]) -> Self {
        match serde_json::from_slice::<Problem>(body) {
            Ok(problem) => Self {
                title: Some(problem.title),
                detail: problem.detail,
                error_code: Some(problem.error_code),
                error_id: Some(problem.error_id),
                field: problem.field,
                expected: problem.expected,
            },
            Err(_) => serde_json::from_slice(body).unwrap_or_default(),
        }
    }

    fn into_refusal(self, status: u16) -> Refusal {
        let Self { title, detail, error_code, error_id, field, expected } = self;
        Refusal { status, title, detail, error_code, error_id, field, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_is_told_from_could_not_ask() {
        for status in [400, 401, 403, 404, 409, 412, 413, 422] {
            let error = ClientError::of(status, None, b"{}");
            assert!(
                error.is_refusal() && !error.could_not_ask() && error.status() == Some(status),
                "{status}"
            );
        }
        for status in [301, 408, 429, 500, 502, 503, 504] {
            let error = ClientError::of(status, None, b"<html>");
            assert!(error.could_not_ask() && !error.is_refusal(), "{status}");
        }
    }

    #[test]
    fn a_refusal_says_what_was_expected_and_which_request_it_was() {
        let body = br#"{"type":"about:blank","title":"Bad","status":400,"errorCode":"Invalid","errorId":"r1",
            "field":"limit","expected":"1 to 20"}"#;
        let error = ClientError::of(400, None, body);
        assert_eq!(error.to_string(), "the server answered 400: Bad (limit: expected 1 to 20) [Invalid, r1]");
        assert_eq!(error.error_code(), Some("Invalid"));
        // Another server of the API says less.
        let error = ClientError::of(404, None, br#"{"title":"None","errorCode":"ResourceNotFound"}"#);
        assert_eq!(error.to_string(), "the server answered 404: None [ResourceNotFound]");
    }

    #[test]
    fn what_cannot_be_read_is_not_quoted() {
        let error = serde_json::from_str::<u8>(r#""canary""#).unwrap_err();
        let error = ClientError::json(200, &error);
        assert!(!format!("{error:?} {error}").contains("canary"));
    }
}
