use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_types::Rng;
use serde::Serialize;

use crate::key_pair::KeyPair;
use crate::token::{MAX_HEADER_LEN, MAX_TOKEN_LEN};
use crate::verifying::check_kid;
use crate::{Algorithm, KeyError, Secret, VerifyingKey};

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

/// A private key with its name and its one algorithm. `Debug` shows the name only.
pub struct SigningKey {
    private: Secret,
    pair: KeyPair,
    verifying: VerifyingKey,
}

impl SigningKey {
    /// A new Ed25519 key (RFC 8032) named `kid`, of 1 to 256 bytes.
    ///
    /// # Errors
    /// [`KeyError::KeyId`], [`KeyError::Random`] when the random source failed.
    pub fn generate(kid: String, rng: &dyn Rng) -> Result<Self, KeyError> {
        Self::generate_for(Algorithm::EdDsa, kid, rng)
    }

    /// A new key for `algorithm` named `kid`, of 1 to 256 bytes; RSA keys have 2048 bits.
    ///
    /// An RSA key takes a good part of a second to find: not for a thread that answers requests. Its primes come from the
    /// cryptographic library, which draws on the operating system itself and takes no other source; `rng` is not asked then.
    ///
    /// # Errors
    /// [`KeyError::KeyId`], [`KeyError::Random`] when the random source failed, [`KeyError::Rejected`] when the library made none.
    pub fn generate_for(algorithm: Algorithm, kid: String, rng: &dyn Rng) -> Result<Self, KeyError> {
        check_kid(&kid)?;
        let private = KeyPair::generate(algorithm, rng)?;
        Self::from_private_bytes(algorithm, kid, &private)
    }

    /// The Ed25519 key named `kid` of a seed (RFC 8032 §5.1.5, 32 bytes).
    ///
    /// # Errors
    /// [`KeyError::KeyId`], [`KeyError::SeedLength`].
    pub fn from_seed(kid: String, seed: &Secret) -> Result<Self, KeyError> {
        Self::from_private_bytes(Algorithm::EdDsa, kid, seed)
    }

    /// The key named `kid` whose [private bytes](Self::private_bytes) were stored.
    ///
    /// # Errors
    /// [`KeyError::KeyId`]; [`KeyError::SeedLength`] or [`KeyError::NotPkcs8`] for anything but a private key of `algorithm`;
    /// [`KeyError::RsaSize`] below 2048 bits.
    pub fn from_private_bytes(algorithm: Algorithm, kid: String, private: &Secret) -> Result<Self, KeyError> {
        check_kid(&kid)?;
        let (pair, public) = KeyPair::read(algorithm, private)?;
        Ok(Self { private: private.clone(), pair, verifying: VerifyingKey::new(kid, || Ok(public))? })
    }

    /// A copy of the private half, to be sealed and stored: of Ed25519 the 32 bytes of the seed, else PKCS#8 (RFC 5958).
    pub fn private_bytes(&self) -> Secret {
        self.private.clone()
    }

    /// The name under which tokens refer to the key.
    pub fn kid(&self) -> &str {
        self.verifying.kid()
    }

    /// The public half.
    pub const fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// Signs `claims` (a struct or map) as a compact JWS (RFC 7515 §3.1) with header `{"typ":…,"alg":…,"kid":…}`,
    /// where `alg` is the [algorithm](VerifyingKey::algorithm) of the key.
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
        let mut token = String::with_capacity((header.len() + payload.len() + 256).div_ceil(3) * 4 + 4);
        URL_SAFE_NO_PAD.encode_string(&header, &mut token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&payload, &mut token);
        let signature = self.pair.sign(token.as_bytes()).ok_or(SignError::Refused)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(&signature, &mut token);
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

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
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
        assert_eq!(key.verifying().jwk().x.unwrap(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        let message = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
        let expected =
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let signature = key.pair.sign(message).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(&signature), expected);
        assert!(key.verifying().accepts(message, &signature));
        assert!(!key.verifying().accepts(b"another message", &signature));
    }

    /// The private keys of RFC 7515: appendix A.3 (P-256) and A.2 (RSA), as PKCS#8.
    fn rfc_7515_key(algorithm: Algorithm) -> SigningKey {
        let text = match algorithm {
            Algorithm::Es256 => concat!(
                "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIffH1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4n",
                "cPbEXUGDy+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt",
            ),
            _ => include_str!("../tests/keys/rfc7515-a2.txt"),
        };
        let private = Secret::new(STANDARD.decode(text).unwrap());
        SigningKey::from_private_bytes(algorithm, "k1".into(), &private).unwrap()
    }

    #[test]
    fn rs256_signs_as_rfc_7515_appendix_a_2() {
        let message = b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = URL_SAFE_NO_PAD.encode(rfc_7515_key(Algorithm::Rs256).pair.sign(message).unwrap());
        assert!(signature.starts_with("cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7"));
        assert!(signature.ends_with("wlVmtVrBp0igcN_IoypGlUPQGe77Rw") && signature.len() == 342);
    }

    #[test]
    fn es256_signatures_are_the_two_numbers_and_never_the_same_twice() {
        let key = rfc_7515_key(Algorithm::Es256);
        assert_eq!(key.verifying().jwk().x.unwrap(), "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
        let (one, other) = (key.pair.sign(b"m").unwrap(), key.pair.sign(b"m").unwrap());
        assert!(one.len() == 64 && other.len() == 64 && one != other);
        assert!(key.verifying().accepts(b"m", &one) && key.verifying().accepts(b"m", &other));
    }

    #[test]
    fn tk_18_short_rsa_keys_and_other_curves_do_not_sign() {
        let read = |algorithm, text: &str| {
            let private = Secret::new(STANDARD.decode(text).unwrap());
            SigningKey::from_private_bytes(algorithm, "k".into(), &private).unwrap_err()
        };
        let rsa_1024 = read(Algorithm::Rs256, include_str!("../tests/keys/rsa-1024.txt"));
        assert!(matches!(rsa_1024, KeyError::NotPkcs8 | KeyError::RsaSize), "{rsa_1024:?}");
        let p384 = concat!(
            "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCYcRU7bZwZmT4u1Uc+f0ef/nqNLqBg4gDHYvzK3CfT0MFZvHyFhPbrQlZaHmjE",
            "eNihZANiAAT+/hLD/tnM25lJI9DgqllGeE1zFt1nJSRzIoOBJ5E1DA5JFsvcxwn30q9k1VFZjIBojCjO383XLyZ5pln4yk8yElJuizbBDlRr",
            "eesLi89C+JWGh4+Zsczx7EEb8FoBRog=",
        );
        assert_eq!(read(Algorithm::Es256, p384), KeyError::NotPkcs8);
    }

    #[test]
    fn a_p256_key_depends_on_the_source_of_chance_alone() {
        let key = |seed| SigningKey::generate_for(Algorithm::Es256, "k".into(), &Seeded::new(seed)).unwrap();
        assert_eq!(key(1).verifying(), key(1).verifying());
        assert_ne!(key(1).verifying(), key(2).verifying());
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
    fn a_stored_key_of_each_algorithm_comes_back_and_is_no_key_of_another() {
        for algorithm in Algorithm::ALL {
            let key = SigningKey::generate_for(algorithm, "k".into(), &Seeded::new(9)).unwrap();
            assert_eq!(key.verifying().algorithm(), algorithm);
            for other in Algorithm::ALL {
                let again = SigningKey::from_private_bytes(other, "k".into(), &key.private_bytes());
                match again {
                    Ok(again) => assert!(other == algorithm && again.verifying() == key.verifying()),
                    Err(error) => assert!(
                        other != algorithm && matches!(error, KeyError::SeedLength | KeyError::NotPkcs8),
                        "{other} {error:?}"
                    ),
                }
            }
        }
    }

    #[test]
    fn bad_names_bad_seeds_and_a_failed_source_make_no_key() {
        let seed = |len| Secret::new(vec![1; len]);
        assert_eq!(SigningKey::from_seed(String::new(), &seed(32)).unwrap_err(), KeyError::KeyId);
        assert_eq!(SigningKey::from_seed("k".into(), &seed(33)).unwrap_err(), KeyError::SeedLength);
        for algorithm in [Algorithm::EdDsa, Algorithm::Es256] {
            let failed = SigningKey::generate_for(algorithm, "k".into(), &NoChance);
            assert!(matches!(failed, Err(KeyError::Random(_))), "{algorithm}");
        }
    }

    #[test]
    fn only_the_name_is_printed() {
        assert_eq!(format!("{:?}", rfc_8037_key()), "SigningKey(k1)");
    }
}
