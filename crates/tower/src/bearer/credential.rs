use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use portcullis_types::{AuthError, FieldError, GuardCode};

use crate::ProblemResponse;
use crate::challenge::Challenge;

/// The longest credential that is looked at.
pub const MAX_BEARER_BYTES: usize = 16 * 1024;

/// Why a request cannot be let through. As a [`ProblemResponse`] it has the statuses that
/// [`BearerLayer`](crate::BearerLayer) documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BearerRefusal {
    /// More than one `Authorization` header.
    Several,
    /// No `Authorization` header.
    Missing,
    /// A credential of another scheme, which is none for us.
    OtherScheme,
    /// A credential that names nobody.
    Invalid {
        /// Why, for programs.
        code: GuardCode,
        /// Why, for people; it holds no part of the credential.
        reason: &'static str,
    },
    /// It could not be found out.
    Unavailable,
}

/// The credential of a request, without its scheme (RFC 6750 §2.1): one word of visible ASCII, at most [`MAX_BEARER_BYTES`].
///
/// [`BearerLayer`](crate::BearerLayer) begins with this; it is for services that must do without a layer.
///
/// # Errors
/// [`BearerRefusal`] without exactly one such header, or if it holds something else.
pub fn bearer_credential(headers: &HeaderMap) -> Result<&str, BearerRefusal> {
    let mut given = headers.get_all(AUTHORIZATION).iter();
    let value = given.next().ok_or(BearerRefusal::Missing)?;
    if given.next().is_some() {
        return Err(BearerRefusal::Several);
    }
    let (_scheme, credential) = value
        .as_bytes()
        .split_at_checked(6)
        .filter(|(scheme, rest)| scheme.eq_ignore_ascii_case(b"bearer") && rest.first() == Some(&b' '))
        .ok_or(BearerRefusal::OtherScheme)?;
    let credential = credential.trim_ascii();
    if credential.len() > MAX_BEARER_BYTES {
        return Err(malformed("the credential is too long"));
    }
    // Without an early end, so that it is done many bytes at once: this runs for every request.
    let graphic = credential.iter().fold(true, |graphic, byte| graphic & matches!(byte, b'!'..=b'~'));
    if credential.is_empty() || !graphic {
        return Err(malformed("the credential is not one word of visible ASCII"));
    }
    std::str::from_utf8(credential).map_err(|_not_ascii| malformed("the credential is not ASCII"))
}

fn malformed(reason: &'static str) -> BearerRefusal {
    BearerRefusal::Invalid { code: GuardCode::TokenMalformed, reason }
}

impl From<AuthError> for BearerRefusal {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Invalid { code, reason } => Self::Invalid { code, reason },
            // Also what later versions may add: refused, and not blamed on the caller.
            _ => Self::Unavailable,
        }
    }
}

impl From<BearerRefusal> for ProblemResponse {
    fn from(refusal: BearerRefusal) -> Self {
        refusal.problem()
    }
}

impl BearerRefusal {
    fn problem(self) -> ProblemResponse {
        match self {
            Self::Several => {
                ProblemResponse::invalid(FieldError::new("Authorization", "exactly one header of this name"))
            }
            // Nothing was sent that could be wrong: the challenge has no error (RFC 6750 §3.1).
            Self::Missing => {
                unauthenticated("Unauthenticated", "no bearer credential was sent", Challenge::new())
            }
            Self::OtherScheme => {
                unauthenticated("Unauthenticated", "the scheme is not Bearer", Challenge::new())
            }
            // An outage is a 503 whoever reports it.
            Self::Invalid { code, .. } if code.is_outage() => Self::Unavailable.problem(),
            Self::Invalid { code: code @ GuardCode::TokenMissing, reason } => {
                unauthenticated(code.as_str(), reason, Challenge::new())
            }
            Self::Invalid { code, reason } => {
                unauthenticated(code.as_str(), reason, Challenge::refused("invalid_token", Some(reason)))
            }
            Self::Unavailable => {
                ProblemResponse::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable", "Unavailable")
                    .with_detail("the bearer could not be checked; try again")
                    .with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
            }
        }
    }
}

fn unauthenticated(code: &str, detail: &str, challenge: Challenge) -> ProblemResponse {
    ProblemResponse::new(StatusCode::UNAUTHORIZED, "Unauthenticated", code)
        .with_detail(detail)
        .with_header(header::WWW_AUTHENTICATE, challenge.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&[u8]]) -> Result<String, BearerRefusal> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
        }
        bearer_credential(&headers).map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_compared_without_case_and_the_credential_is_taken_as_it_is() {
        for header in ["Bearer a.b+/=", "bearer a.b+/=", "BEARER   a.b+/="] {
            assert_eq!(read(&[header.as_bytes()]).as_deref(), Ok("a.b+/="));
        }
    }

    #[test]
    fn whatever_is_not_one_short_word_of_visible_ascii_is_refused() {
        let long = format!("Bearer {}", "a".repeat(MAX_BEARER_BYTES + 1));
        for header in [&b""[..], b"Bearer", b"Basic YTpi", b"Bearera"] {
            assert_eq!(read(&[header]), Err(BearerRefusal::OtherScheme), "{header:?}");
        }
        for header in [&b"Bearer "[..], b"Bearer a b", b"Bearer \xc3\xa9", b"Bearer a\tb", long.as_bytes()] {
            assert!(matches!(read(&[header]), Err(BearerRefusal::Invalid { .. })), "{header:?}");
        }
        assert!(read(&[format!("Bearer {}", "a".repeat(MAX_BEARER_BYTES)).as_bytes()]).is_ok());
        assert_eq!(read(&[]), Err(BearerRefusal::Missing));
        assert_eq!(read(&[b"Bearer a", b"Bearer a"]), Err(BearerRefusal::Several));
    }
}
