use std::fmt;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_types::Rng;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::token::{MAX_HEADER_LEN, MAX_TOKEN_LEN};
use crate::verifying::check_kid;
use crate::{KeyError, Secret, VerifyingKey};

const SEED_LEN: usize = 32;

/// Why no token was signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The claims cannot be written as JSON.
    #[error("the claims cannot be written as JSON")]
    Claims(#[from] serde_json::Error),
    /// The claims are JSON, yet no object (RFC 7519 §7.1).
    #[error("the claims are not a JSON object")]
    NotAnObject,
    /// The token would be longer than [`UnverifiedToken::parse`](crate::UnverifiedToken::parse) reads back.
    #[error("the token would be too long")]
    TooLong,
    /// The cryptographic library refused to sign.
    #[error("the cryptographic library refused to sign")]
    Refused,
}

/// A private Ed25519 key (RFC 8032) with its name. `Debug` shows the name only.
pub struct SigningKey {
    seed: Secret,
    pair: Ed25519KeyPair,
    verifying: VerifyingKey,
}

impl SigningKey {
    /// A new key named `kid`, of 1 to 256 bytes.
    ///
    /// # Errors
    /// [`KeyError::KeyId`], [`KeyError::Random`] when the random source failed.
    pub fn generate(kid: String, rng: &dyn Rng) -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new(vec![0; SEED_LEN]);
        rng.fill(&mut seed)?;
        Self::new(kid, Secret::new(std::mem::take(&mut *seed)))
    }

    /// The key named `kid` whose seed (RFC 8032 §5.1.5, 32 bytes) was stored.
    ///
    /// # Errors
    /// [`KeyError::KeyId`], [`KeyError::SeedLength`].
    pub fn from_seed(kid: String, seed: &Secret) -> Result<Self, KeyError> {
        Self::new(kid, seed.clone())
    }

    fn new(kid: String, seed: Secret) -> Result<Self, KeyError> {
        check_kid(&kid)?;
        let (pair, public) = ed25519_pair(seed.expose())?;
        Ok(Self { seed, pair, verifying: VerifyingKey::from_ed25519(kid, public)? })
    }

    /// A copy of the seed, to be sealed and stored.
    pub fn seed(&self) -> Secret {
        self.seed.clone()
    }

    /// The name under which tokens refer to the key.
    pub fn kid(&self) -> &str {
        self.verifying.kid()
    }

    /// The public half.
    pub const fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// Signs `claims` (a struct or map) as a compact JWS (RFC 7515 §3.1) with header `{"typ":…,"alg":"EdDSA","kid":…}`.
    ///
    /// `typ` is the kind of token, such as `at+jwt` (RFC 9068 §2.1); one kind cannot stand in for another as long as
    /// whoever reads it asks [`UnverifiedToken::has_typ`](crate::UnverifiedToken::has_typ).
    ///
    /// # Errors
    /// [`SignError::Claims`] and [`SignError::NotAnObject`] for claims that are no JSON object, [`SignError::TooLong`]
    /// above 16 KB, or 4 KB of header.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        #[derive(Serialize)]
        struct Header<'a> {
            typ: &'a str,
            alg: &'a str,
            kid: &'a str,
        }
        let header =
            serde_json::to_vec(&Header { typ, alg: self.verifying.algorithm().name(), kid: self.kid() })?;
        let payload = serde_json::to_vec(claims)?;
        if payload.first() != Some(&b'{') {
            return Err(SignError::NotAnObject);
        }
        let mut token = String::with_capacity((header.len() + payload.len() + 64).div_ceil(3) * 4 + 4);
        URL_SAFE_NO_PAD.encode_string(&header, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&payload, &mut token);
        let signature = self.pair.try_sign(token.as_bytes()).ok().ok_or(SignError::Refused)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.as_ref(), &mut token);
        if token.len() > MAX_TOKEN_LEN || header.len() > MAX_HEADER_LEN {
            Err(SignError::TooLong)
        } else {
            Ok(token)
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.kid())
    }
}

/// The key pair of a 32-byte seed, and its public half.
pub(crate) fn ed25519_pair(seed: &[u8]) -> Result<(Ed25519KeyPair, [u8; 32]), KeyError> {
    if seed.len() != SEED_LEN {
        return Err(KeyError::SeedLength);
    }
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok().ok_or(KeyError::Rejected)?;
    let public = pair.public_key().as_ref().try_into().ok().ok_or(KeyError::Rejected)?;
    Ok((pair, public))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{NoChance, Seeded};

    fn rfc_8037_key() -> SigningKey {
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
        SigningKey::from_seed("k1".into(), &Secret::new(seed)).unwrap()
    }

    #[test]
    fn keys_and_signatures_are_those_of_rfc_8037_appendix_a() {
        let key = rfc_8037_key();
        assert_eq!(key.verifying().jwk().x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let expected =
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let signature = key.pair.try_sign(message).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(signature.as_ref()), expected);
        assert!(key.verifying().accepts(message, signature.as_ref()));
        assert!(!key.verifying().accepts(b"another message", signature.as_ref()));
    }

    #[test]
    fn the_header_names_type_algorithm_and_key_in_that_order() {
        let token = rfc_8037_key().sign("at+jwt", &json!({"sub": "u"})).unwrap();
        let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
        assert_eq!(header, br#"{"typ":"at+jwt","alg":"EdDSA","kid":"k1"}"#);
    }

    #[test]
    fn claims_that_are_no_object_or_too_long_are_not_signed() {
        let key = rfc_8037_key();
        assert!(matches!(key.sign("JWT", &["sub"]), Err(SignError::NotAnObject)));
        assert!(matches!(key.sign("JWT", &json!({"sub": "x".repeat(20_000)})), Err(SignError::TooLong)));
        assert!(matches!(key.sign(&"t".repeat(5_000), &json!({})), Err(SignError::TooLong)));
    }

    #[test]
    fn a_stored_seed_gives_the_same_key_back() {
        let key = SigningKey::generate("k".into(), &Seeded::new(9)).unwrap();
        let again = SigningKey::from_seed("k".into(), &key.seed()).unwrap();
        assert_eq!(again.verifying(), key.verifying());
    }

    #[test]
    fn bad_names_bad_seeds_and_a_failed_source_make_no_key() {
        let seed = |len| Secret::new(vec![1; len]);
        assert_eq!(SigningKey::from_seed(String::new(), &seed(32)).unwrap_err(), KeyError::KeyId);
        assert_eq!(SigningKey::from_seed("k".into(), &seed(33)).unwrap_err(), KeyError::SeedLength);
        assert!(matches!(SigningKey::generate("k".into(), &NoChance), Err(KeyError::Random(_))));
    }

    #[test]
    fn only_the_name_is_printed() {
        assert_eq!(format!("{:?}", rfc_8037_key()), "SigningKey(k1)");
    }
}
