use axum::extract::FromRequestParts;
use axum::http::header::IF_UNMODIFIED_SINCE;
use axum::http::request::Parts;
use portcullis::UnmodifiedSince;
use portcullis_types::Timestamp;

use crate::failure::Failure;

/// `If-Unmodified-Since`: RFC 3339, as clients send it, or an HTTP-date (spec `authress-api.md` §1.6).
pub(crate) struct IfUnmodifiedSince(pub(crate) Option<UnmodifiedSince>);

impl<S: Sync> FromRequestParts<S> for IfUnmodifiedSince {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        let mut given = parts.headers.get_all(IF_UNMODIFIED_SINCE).iter();
        let Some(value) = given.next() else { return Ok(Self(None)) };
        let refused = |expected: &str| Failure::invalid("If-Unmodified-Since", expected);
        if given.next().is_some() {
            return Err(refused("at most one header of this name"));
        }
        let instant = value.to_str().ok().and_then(|text| Timestamp::parse_with_precision(text.trim()));
        // A precondition that is not understood must not be skipped: the caller counts on it.
        let (at, precision) = instant.ok_or_else(|| refused("an RFC 3339 date and time, or an HTTP-date"))?;
        Ok(Self(Some(UnmodifiedSince { at, precision })))
    }
}
