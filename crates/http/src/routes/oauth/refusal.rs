use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portcullis::oauth::{OAuthError, OAuthErrorCode};
use portcullis_types::oauth::OAuthErrorBody;
use utoipa::IntoResponses;

use crate::failure::Failure;

/// A refusal of an OAuth endpoint on its way out (RFC 6749 §5.2).
#[derive(Debug)]
pub(crate) enum OAuthRefusal {
    /// What the use case said.
    Refused(Box<OAuthError>),
    /// What was refused before it was asked; `observe` gives it OAuth's form.
    Failed(Failure),
}

impl OAuthRefusal {
    /// 429: too many clients at this address failed to prove who they are.
    pub(crate) fn too_many(retry_after_secs: u64) -> Self {
        let refused = portcullis_tower::RateLimited { retry_after_secs };
        Self::Failed(portcullis_tower::ProblemResponse::from(refused).into())
    }
}

impl From<OAuthError> for OAuthRefusal {
    fn from(error: OAuthError) -> Self {
        Self::Refused(Box::new(error))
    }
}

impl From<Failure> for OAuthRefusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Answers that hold tokens, or what tokens are worth, are never kept (RFC 6749 §5.1, AS-14).
pub(crate) fn uncached() -> [(HeaderName, HeaderValue); 2] {
    [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
    ]
}

impl IntoResponse for OAuthRefusal {
    fn into_response(self) -> Response {
        let error = match self {
            Self::Failed(failure) => return failure.into_response(),
            Self::Refused(error) => error,
        };
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if status.is_server_error() {
            tracing::error!(error = &*error as &dyn std::error::Error, "an OAuth request failed");
        }
        let mut response = (status, uncached(), Json(error.body())).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = challenge(&error) {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(secs) = error.retry_after_secs {
            headers.insert(header::RETRY_AFTER, secs.into());
        }
        response
    }
}

/// How to come back (RFC 6749 §5.2, RFC 6750 §3).
fn challenge(error: &OAuthError) -> Option<HeaderValue> {
    Some(HeaderValue::from_static(match error.code {
        OAuthErrorCode::InvalidClient => r#"Basic realm="portcullis""#,
        OAuthErrorCode::InvalidToken => r#"Bearer realm="portcullis", error="invalid_token""#,
        OAuthErrorCode::InsufficientScope => {
            r#"Bearer realm="portcullis", error="insufficient_scope", scope="openid""#
        }
        _ => return None,
    }))
}

/// What every OAuth endpoint can refuse with.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "read by the OpenAPI document only")]
pub(crate) enum OAuthRefusals {
    /// `invalid_request`, `invalid_grant`, `invalid_scope` and others: `error` says which (RFC 6749 §5.2).
    #[response(status = 400)]
    Refused(OAuthErrorBody),
    /// `invalid_client` or `invalid_token`: who asks did not prove who they are.
    #[response(status = 401)]
    Unproven(OAuthErrorBody),
    /// The body took too long.
    #[response(status = 408)]
    TooSlow(OAuthErrorBody),
    /// The body is too large.
    #[response(status = 413)]
    TooLarge(OAuthErrorBody),
    /// Too many attempts from this address failed; `Retry-After` says when to try again.
    #[response(status = 429)]
    TooMany(OAuthErrorBody),
    /// `server_error`: it failed, which is our fault.
    #[response(status = 500)]
    Failed(OAuthErrorBody),
    /// `temporarily_unavailable`: the same call may work later.
    #[response(status = 503)]
    Unavailable(OAuthErrorBody),
}
