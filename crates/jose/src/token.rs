use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_types::Timestamp;
use serde_json::{Map, Value};

use crate::VerifyingKey;
use crate::claims::{Claims, audience_entries};
use crate::strict_json::{JsonFault, read_object};
use crate::verifying::MAX_KID_LEN;

/// The longest token that is read or signed, in bytes.
pub const MAX_TOKEN_LEN: usize = 16 * 1024;
/// The longest header that is read, in bytes, after base64.
pub(crate) const MAX_HEADER_LEN: usize = 4 * 1024;

/// Why a token was refused: one variant a reason, to compare and to count. Holds no part of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Longer than 16 KB.
    #[error("longer than 16 KB")]
    TooLong,
    /// Not three parts with dots between (a JWE has five).
    #[error("not the three parts of a signed token")]
    Parts,
    /// The header is longer than 4 KB.
    #[error("the header is longer than 4 KB")]
    HeaderTooLong,
    /// A part is not base64url without padding, in its one canonical form.
    #[error("a part is not base64url without padding")]
    Base64,
    /// The header is not a JSON object.
    #[error("the header is not a JSON object")]
    Header,
    /// The payload is not a JSON object.
    #[error("the payload is not a JSON object")]
    Payload,
    /// JSON nested deeper than 16 levels.
    #[error("nested deeper than 16 levels")]
    TooDeep,
    /// A member occurs twice in one object.
    #[error("a member occurs twice")]
    DuplicateMember,
    /// Header `alg` is absent or not a string.
    #[error("the header has no `alg`")]
    AlgorithmMissing,
    /// Header `kid` is absent, not a string, empty, or longer than 256 bytes.
    #[error("the header has no usable `kid`")]
    KeyId,
    /// Header `typ` is not a string.
    #[error("`typ` is not a string")]
    Type,
    /// Header `crit` is there: no extension is understood.
    #[error("`crit` names extensions that are not understood")]
    Critical,
    /// Header `b64` is not `true` (RFC 7797).
    #[error("an unencoded payload is not accepted")]
    UnencodedPayload,
    /// Header `enc` is there: the token is encrypted.
    #[error("an encrypted token is not accepted")]
    Encrypted,
    /// Header `zip` is there: the token is compressed.
    #[error("a compressed token is not accepted")]
    Compressed,
    /// Header `alg` is not the algorithm of the key.
    #[error("`alg` is not the algorithm of the key")]
    Algorithm,
    /// Header `kid` names another key than the one given.
    #[error("`kid` names another key")]
    OtherKey,
    /// The signature is not one of the key over this token.
    #[error("the signature does not verify")]
    Signature,
    /// `exp` is absent, no number, or out of range.
    #[error("`exp` is required and is a number of seconds up to the year 9999")]
    Expiry,
    /// `exp` has come.
    #[error("expired")]
    Expired,
    /// `nbf` is no number or out of range.
    #[error("`nbf` is a number of seconds up to the year 9999")]
    NotBefore,
    /// `nbf` is in the future, beyond the leeway.
    #[error("not valid yet")]
    NotYetValid,
    /// `iat` is no number or out of range.
    #[error("`iat` is a number of seconds up to the year 9999")]
    IssuedAt,
    /// `iat` is in the future, beyond the leeway.
    #[error("issued in the future")]
    IssuedInFuture,
    /// `iss` is absent or not a string.
    #[error("`iss` is required and is a string")]
    Issuer,
    /// `sub` is absent or not a string.
    #[error("`sub` is required and is a string")]
    Subject,
    /// `aud` is there and neither a string nor an array of strings.
    #[error("`aud` is a string or an array of strings")]
    Audience,
    /// `jti` is there and not a string.
    #[error("`jti` is a string")]
    TokenId,
}

/// A compact JWS (RFC 7515 §3.1) whose shape was checked and whose signature was **not**: good to find out which key it
/// claims to be signed with, and for nothing else until [`UnverifiedToken::verify`] gave its [`Claims`].
///
/// `jku`, `x5u`, `jwk` and `x5c` of the header are never looked at (RFC 8725 §3.10).
pub struct UnverifiedToken<'t> {
    signing_input: &'t str,
    signature: Vec<u8>,
    algorithm: String,
    kid: String,
    typ: Option<String>,
    payload: Map<String, Value>,
}

impl<'t> UnverifiedToken<'t> {
    /// Reads a token (without a `Bearer ` prefix) of at most 16 KB, with a header of at most 4 KB and JSON of at most 16
    /// levels. The work is linear in the length, and none is done before length and number of dots are right.
    ///
    /// # Errors
    /// The [`TokenError`] of the first rule that is broken: RFC 7515 §4.1.11 (`crit`), §5.2, RFC 8725 §3.
    pub fn parse(token: &'t str) -> Result<Self, TokenError> {
        let parts = Parts::split(token)?;
        let header = parts.header()?;
        let algorithm = check_header(&header)?;
        Ok(Self {
            signing_input: parts.signing_input,
            signature: decode(parts.signature)?,
            algorithm,
            kid: key_id(&header)?,
            typ: token_type(&header)?,
            payload: parts.payload()?,
        })
    }

    /// Header `kid`: an opaque name to look a key up by, 1 to 256 bytes.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Header `typ`, as it was sent.
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whether header `typ` says that the token is of this kind (`at+jwt`, `logout+jwt`, …), so that one kind cannot stand
    /// in for another (RFC 8725 §3.11). Media types: case does not matter, `application/` may come first (RFC 7515 §4.1.9).
    pub fn has_typ(&self, expected: &str) -> bool {
        const PREFIX: &str = "application/";
        self.typ.as_deref().is_some_and(|typ| {
            let subtype = match typ.split_at_checked(PREFIX.len()) {
                Some((prefix, subtype)) if prefix.eq_ignore_ascii_case(PREFIX) => subtype,
                _ => typ,
            };
            subtype.eq_ignore_ascii_case(expected)
        })
    }

    /// What `iss` claims, if it is a string.
    pub fn unverified_issuer(&self) -> Option<&str> {
        self.payload.get("iss").and_then(Value::as_str)
    }

    /// What `sub` claims, if it is a string.
    pub fn unverified_subject(&self) -> Option<&str> {
        self.payload.get("sub").and_then(Value::as_str)
    }

    /// What `aud` claims: its strings, none if it is absent or of another type.
    pub fn unverified_audience(&self) -> impl Iterator<Item = &str> {
        audience_entries(self.payload.get("aud")).iter().filter_map(Value::as_str)
    }

    /// Checks, in this order: that header `alg` and `kid` are those of `key`, the signature, the times, the types of the
    /// registered claims (RFC 7519 §4.1, §7.2).
    ///
    /// The times are judged by `now` alone. `exp` must lie after it; `nbf` and `iat` may lie up to `leeway_secs` ahead of
    /// it, where more than 60 counts as 60. Whom the token is for is the caller's to ask: [`Claims::issuer`],
    /// [`Claims::has_audience`].
    ///
    /// # Errors
    /// The [`TokenError`] of the first check that failed.
    pub fn verify(self, key: &VerifyingKey, now: Timestamp, leeway_secs: u8) -> Result<Claims, TokenError> {
        self.verify_lately_expired(key, now, leeway_secs, 0)
    }

    /// [`UnverifiedToken::verify`], but `exp` may lie up to `late_secs` seconds back. For a token that is only to be exchanged
    /// for a new one: it opens nothing else.
    ///
    /// # Errors
    /// The [`TokenError`] of the first check that failed.
    pub fn verify_lately_expired(
        self,
        key: &VerifyingKey,
        now: Timestamp,
        leeway_secs: u8,
        late_secs: u32,
    ) -> Result<Claims, TokenError> {
        if self.algorithm != key.algorithm().name() {
            return Err(TokenError::Algorithm);
        }
        if self.kid != key.kid() {
            return Err(TokenError::OtherKey);
        }
        if !key.accepts(self.signing_input.as_bytes(), &self.signature) {
            return Err(TokenError::Signature);
        }
        Claims::check(key.kid(), self.payload, now, leeway_secs, late_secs)
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken")
            .field("kid", &self.kid)
            .field("typ", &self.typ)
            .finish_non_exhaustive()
    }
}

/// What a compact JWS of any issuer says, **believing nothing**: whether it was signed, by whom and for whom, and whether it has
/// expired is not looked at, and it need not name a key. For stand-ins of a verifier in development and in tests; everything
/// else takes [`UnverifiedToken::verify`].
///
/// # Errors
/// The [`TokenError`] of the first rule that is broken, with the bounds of [`UnverifiedToken::parse`].
pub fn unverified_claims(token: &str) -> Result<Map<String, Value>, TokenError> {
    let parts = Parts::split(token)?;
    check_header(&parts.header()?)?;
    decode(parts.signature)?;
    parts.payload()
}

/// The three parts of a compact JWS, not decoded yet.
struct Parts<'t> {
    signing_input: &'t str,
    header: &'t str,
    payload: &'t str,
    signature: &'t str,
}

impl<'t> Parts<'t> {
    fn split(token: &'t str) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_LEN {
            return Err(TokenError::TooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::Parts);
        };
        let signing_input = token.rsplit_once('.').map_or("", |(signing_input, _)| signing_input);
        Ok(Self { signing_input, header, payload, signature })
    }

    fn header(&self) -> Result<Map<String, Value>, TokenError> {
        if self.header.len() > MAX_HEADER_LEN.div_ceil(3) * 4 {
            return Err(TokenError::HeaderTooLong);
        }
        let header = decode(self.header)?;
        if header.len() > MAX_HEADER_LEN {
            return Err(TokenError::HeaderTooLong);
        }
        read_part(&header, TokenError::Header)
    }

    fn payload(&self) -> Result<Map<String, Value>, TokenError> {
        read_part(&decode(self.payload)?, TokenError::Payload)
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    // The decoder's error would quote a byte of the token.
    URL_SAFE_NO_PAD.decode(part).ok().ok_or(TokenError::Base64)
}

fn read_part(json: &[u8], not_an_object: TokenError) -> Result<Map<String, Value>, TokenError> {
    read_object(json).map_err(|fault| match fault {
        JsonFault::NotAnObject => not_an_object,
        JsonFault::TooDeep => TokenError::TooDeep,
        JsonFault::DuplicateMember => TokenError::DuplicateMember,
    })
}

/// Refuses what would change how the token is read, and gives `alg`.
fn check_header(header: &Map<String, Value>) -> Result<String, TokenError> {
    if header.contains_key("crit") {
        return Err(TokenError::Critical);
    }
    if header.get("b64").is_some_and(|b64| *b64 != Value::Bool(true)) {
        return Err(TokenError::UnencodedPayload);
    }
    if header.contains_key("enc") {
        return Err(TokenError::Encrypted);
    }
    if header.contains_key("zip") {
        return Err(TokenError::Compressed);
    }
    header.get("alg").and_then(Value::as_str).map(str::to_owned).ok_or(TokenError::AlgorithmMissing)
}

fn key_id(header: &Map<String, Value>) -> Result<String, TokenError> {
    match header.get("kid").and_then(Value::as_str) {
        Some(kid) if (1..=MAX_KID_LEN).contains(&kid.len()) => Ok(kid.to_owned()),
        _ => Err(TokenError::KeyId),
    }
}

fn token_type(header: &Map<String, Value>) -> Result<Option<String>, TokenError> {
    match header.get("typ") {
        None => Ok(None),
        Some(Value::String(typ)) => Ok(Some(typ.clone())),
        Some(_) => Err(TokenError::Type),
    }
}
