use std::fmt;

use portcullis_types::Timestamp;
use serde_json::{Map, Value};

use crate::TokenError;

/// The latest time a token may name: 9999-12-31T23:59:59Z.
const MAX_SECS: i64 = 253_402_300_799;
/// The most that clocks may differ.
const MAX_LEEWAY_SECS: u8 = 60;

/// What a token says, after its signature and its times were found good (RFC 7519 §4). Only
/// [`UnverifiedToken::verify`](crate::UnverifiedToken::verify) makes one.
#[derive(Clone, PartialEq)]
pub struct Claims {
    key_id: String,
    issuer: String,
    subject: String,
    audience: Vec<String>,
    is_single_audience: bool,
    token_id: Option<String>,
    expires_at: Timestamp,
    not_before: Option<Timestamp>,
    issued_at: Option<Timestamp>,
    extra: Map<String, Value>,
}

impl Claims {
    pub(crate) fn check(
        key_id: &str,
        mut payload: Map<String, Value>,
        now: Timestamp,
        leeway: u8,
        late_secs: u32,
    ) -> Result<Self, TokenError> {
        let latest_start = now.plus_secs(leeway.min(MAX_LEEWAY_SECS).into());
        let expires_at = take_time(&mut payload, "exp", TokenError::Expiry)?.ok_or(TokenError::Expiry)?;
        let not_before = take_time(&mut payload, "nbf", TokenError::NotBefore)?;
        let issued_at = take_time(&mut payload, "iat", TokenError::IssuedAt)?;
        if expires_at.plus_secs(late_secs.into()) <= now {
            return Err(TokenError::Expired);
        }
        if not_before.is_some_and(|at| at > latest_start) {
            return Err(TokenError::NotYetValid);
        }
        if issued_at.is_some_and(|at| at > latest_start) {
            return Err(TokenError::IssuedInFuture);
        }
        let is_single_audience = payload.get("aud").is_some_and(Value::is_string);
        Ok(Self {
            key_id: key_id.to_owned(),
            is_single_audience,
            issuer: take_text(&mut payload, "iss", TokenError::Issuer)?.ok_or(TokenError::Issuer)?,
            subject: take_text(&mut payload, "sub", TokenError::Subject)?.ok_or(TokenError::Subject)?,
            audience: take_audience(&mut payload)?,
            token_id: take_text(&mut payload, "jti", TokenError::TokenId)?,
            expires_at,
            not_before,
            issued_at,
            extra: payload,
        })
    }

    /// The `kid` of the key that verified it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// `iss` (RFC 7519 §4.1.1). To be compared whole, never by prefix.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub` (RFC 7519 §4.1.2).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `aud` (RFC 7519 §4.1.3): one entry if it was a string, none if it was absent.
    pub fn audience(&self) -> &[String] {
        &self.audience
    }

    /// Whether one entry of `aud` equals `expected`, byte for byte.
    pub fn has_audience(&self, expected: &str) -> bool {
        self.audience.iter().any(|entry| entry == expected)
    }

    /// `aud` if it was a string that stands alone, as client assertions must have it (rfc7523bis §4).
    pub fn single_audience(&self) -> Option<&str> {
        self.audience.first().filter(|_| self.is_single_audience).map(String::as_str)
    }

    /// `jti` (RFC 7519 §4.1.7).
    pub fn token_id(&self) -> Option<&str> {
        self.token_id.as_deref()
    }

    /// `exp` (RFC 7519 §4.1.4): the token is good before this instant, not at it.
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// `nbf` (RFC 7519 §4.1.5).
    pub const fn not_before(&self) -> Option<Timestamp> {
        self.not_before
    }

    /// `iat` (RFC 7519 §4.1.6).
    pub const fn issued_at(&self) -> Option<Timestamp> {
        self.issued_at
    }

    /// Any other claim (`scope`, `client_id`, …), as it was sent. Not `iss sub aud jti exp nbf iat`.
    pub fn extra(&self, name: &str) -> Option<&Value> {
        self.extra.get(name)
    }

    /// All of those.
    pub const fn extras(&self) -> &Map<String, Value> {
        &self.extra
    }
}

impl fmt::Debug for Claims {
    /// Who says it about whom; other claims may be personal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// The values of an `aud` claim, whether it is an array or stands alone.
pub(crate) fn audience_entries(aud: Option<&Value>) -> &[Value] {
    match aud {
        None => &[],
        Some(Value::Array(entries)) => entries,
        Some(single) => std::slice::from_ref(single),
    }
}

fn take_audience(payload: &mut Map<String, Value>) -> Result<Vec<String>, TokenError> {
    let aud = payload.remove("aud");
    audience_entries(aud.as_ref())
        .iter()
        .map(|entry| entry.as_str().map(str::to_owned).ok_or(TokenError::Audience))
        .collect()
}

fn take_text(
    payload: &mut Map<String, Value>,
    name: &str,
    wrong: TokenError,
) -> Result<Option<String>, TokenError> {
    match payload.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong),
    }
}

fn take_time(
    payload: &mut Map<String, Value>,
    name: &str,
    wrong: TokenError,
) -> Result<Option<Timestamp>, TokenError> {
    payload.remove(name).map(|value| numeric_date(&value).ok_or(wrong)).transpose()
}

/// A NumericDate (RFC 7519 §2): seconds from 1970 to the end of 9999, fractions allowed.
fn numeric_date(value: &Value) -> Option<Timestamp> {
    if let Some(secs) = value.as_i64() {
        return (0..=MAX_SECS).contains(&secs).then(|| Timestamp::from_secs(secs));
    }
    let secs = value.as_f64()?;
    // The range leaves no NaN and no infinity, and its end times a million fits.
    (0.0..=MAX_SECS as f64).contains(&secs).then(|| Timestamp::from_micros((secs * 1e6) as i64))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tk_14_a_time_is_a_number_in_range_and_nothing_else() {
        for (value, micros) in [
            (json!(0), 0),
            (json!(1_700_000_000), 1_700_000_000_000_000),
            (json!(1.5), 1_500_000),
            (json!(1e3), 1_000_000_000),
            (json!(MAX_SECS), MAX_SECS * 1_000_000),
        ] {
            assert_eq!(numeric_date(&value), Some(Timestamp::from_micros(micros)), "{value}");
        }
        for refused in [
            json!(-1),
            json!(-0.5),
            json!(MAX_SECS + 1),
            json!(u64::MAX),
            json!(1e300),
            json!(true),
            json!("1700000000"),
            json!(null),
            json!([1_700_000_000]),
            json!({}),
        ] {
            assert_eq!(numeric_date(&refused), None, "{refused}");
        }
    }
}
