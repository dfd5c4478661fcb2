use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis_types::RngError;

use crate::secret::equal_in_constant_time;
use crate::signing::ed25519_pair;
use crate::{Algorithm, Jwk, Secret};

/// The longest name a key may have, in bytes.
pub(crate) const MAX_KID_LEN: usize = 256;
/// The longest text read as a public key, before it is decoded.
const MAX_SPKI_TEXT_LEN: usize = 256;
/// What comes before the 32 bytes in the SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4, §10.1).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Why something is not a key that may be used. Holds no part of the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key's name is empty or longer than 256 bytes.
    #[error("a key id has 1 to 256 bytes")]
    KeyId,
    /// A seed of another length.
    #[error("an Ed25519 seed has 32 bytes")]
    SeedLength,
    /// More than 256 characters given as a public key.
    #[error("a public key has at most 256 characters")]
    TooLong,
    /// Not standard base64 (public key) or not base64url without padding (JWK), or white space in it.
    #[error("not valid base64, or white space in it")]
    NotBase64,
    /// Not the 44 bytes of an Ed25519 SubjectPublicKeyInfo (a PEM's inner text, 60 characters).
    #[error("expected the base64 of the 44-byte DER SubjectPublicKeyInfo of an Ed25519 key")]
    NotEd25519Spki,
    /// `x` of a JWK is not 32 bytes.
    #[error("`x` of an Ed25519 key has 32 bytes")]
    PublicKeyLength,
    /// A JWK whose `kty` is not `OKP`.
    #[error("expected `kty` OKP")]
    UnsupportedKeyType,
    /// A JWK whose `crv` is not `Ed25519`.
    #[error("expected `crv` Ed25519")]
    UnsupportedCurve,
    /// A JWK whose `alg` is there and not `EdDSA`.
    #[error("expected `alg` EdDSA")]
    UnsupportedAlgorithm,
    /// A JWK whose `use` is there and not `sig`.
    #[error("expected `use` sig")]
    NotForSignatures,
    /// A point of small order: anyone could sign for it, without any private key.
    #[error("a point of small order is no public key")]
    SmallOrder,
    /// The cryptographic library refused the key.
    #[error("the cryptographic library refused the key")]
    Rejected,
    /// The random source failed; no key was made.
    #[error(transparent)]
    Random(#[from] RngError),
}

/// A public key with its name and its algorithm: all that decides how a signature is checked.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    kid: String,
    algorithm: Algorithm,
    public: [u8; 32],
}

impl VerifyingKey {
    /// An Ed25519 key (RFC 8032 §5.1.5) from its 32 bytes, named by 1 to 256 bytes.
    ///
    /// # Errors
    /// [`KeyError::KeyId`], and [`KeyError::SmallOrder`] for the few points whose signatures anyone can forge.
    pub fn from_ed25519(kid: impl Into<String>, public: [u8; 32]) -> Result<Self, KeyError> {
        let kid = kid.into();
        check_kid(&kid)?;
        if is_small_order(&public) {
            return Err(KeyError::SmallOrder);
        }
        Ok(Self { kid, algorithm: Algorithm::EdDsa, public })
    }

    /// A key of a JWK set (RFC 7517, RFC 8037 §2). `alg` and `use` may be absent.
    ///
    /// # Errors
    /// The [`KeyError`] that names the first member that is wrong.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        if jwk.kty != "OKP" {
            return Err(KeyError::UnsupportedKeyType);
        }
        if jwk.crv != "Ed25519" {
            return Err(KeyError::UnsupportedCurve);
        }
        if jwk.alg.as_deref().is_some_and(|alg| alg != Algorithm::EdDsa.name()) {
            return Err(KeyError::UnsupportedAlgorithm);
        }
        if jwk.key_use.as_deref().is_some_and(|key_use| key_use != "sig") {
            return Err(KeyError::NotForSignatures);
        }
        if jwk.x.len() > MAX_SPKI_TEXT_LEN {
            return Err(KeyError::TooLong);
        }
        let bytes = URL_SAFE_NO_PAD.decode(&jwk.x).ok().ok_or(KeyError::NotBase64)?;
        let public = bytes.try_into().ok().ok_or(KeyError::PublicKeyLength)?;
        Self::from_ed25519(jwk.kid.as_str(), public)
    }

    /// The key as it is published in a JWK set, every member set (spec `authress-api.md` §6).
    pub fn jwk(&self) -> Jwk {
        Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            alg: Some(self.algorithm.name().to_owned()),
            key_use: Some("sig".to_owned()),
            kid: self.kid.clone(),
            x: URL_SAFE_NO_PAD.encode(self.public),
        }
    }

    /// A key as an access key's public half is stored and sent: standard base64, without white space and of at most 256
    /// characters, of its 44-byte DER SubjectPublicKeyInfo (RFC 8410 §4).
    ///
    /// # Errors
    /// [`KeyError::TooLong`], [`KeyError::NotBase64`], [`KeyError::NotEd25519Spki`] for any other key, and those of
    /// [`VerifyingKey::from_ed25519`].
    pub fn from_spki_base64(kid: impl Into<String>, text: &str) -> Result<Self, KeyError> {
        if text.len() > MAX_SPKI_TEXT_LEN {
            return Err(KeyError::TooLong);
        }
        let der = STANDARD.decode(text).ok().ok_or(KeyError::NotBase64)?;
        let public = der
            .strip_prefix(&SPKI_PREFIX)
            .and_then(|public| public.try_into().ok())
            .ok_or(KeyError::NotEd25519Spki)?;
        Self::from_ed25519(kid, public)
    }

    /// The form that [`VerifyingKey::from_spki_base64`] reads: 60 characters.
    pub fn spki_base64(&self) -> String {
        STANDARD.encode([SPKI_PREFIX.as_slice(), self.public.as_slice()].concat())
    }

    /// The name under which tokens refer to the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key verifies.
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The 32 bytes of the public key.
    pub const fn public_bytes(&self) -> &[u8; 32] {
        &self.public
    }

    /// Whether `seed` is the private half (RFC 8032 §5.1.5). Compared in constant time.
    pub fn matches_seed(&self, seed: &Secret) -> bool {
        ed25519_pair(seed.expose()).is_ok_and(|(_, public)| equal_in_constant_time(&public, &self.public))
    }

    /// Whether `signature` is one of this key over `message`.
    pub(crate) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.algorithm {
            Algorithm::EdDsa => {
                UnparsedPublicKey::new(&ED25519, &self.public).verify(message, signature).is_ok()
            }
        }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} {})", self.algorithm, self.kid)
    }
}

pub(crate) fn check_kid(kid: &str) -> Result<(), KeyError> {
    if (1..=MAX_KID_LEN).contains(&kid.len()) { Ok(()) } else { Err(KeyError::KeyId) }
}

/// Points of order 1, 2, 4 and 8, by their y coordinate (the top bit, x's sign, does not matter). With such a public key
/// a signature can be made for any message by trial.
fn is_small_order(public: &[u8; 32]) -> bool {
    const ORDER_8: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let mut y = *public;
    y[31] &= 0x7f;
    let [first, middle @ .., last] = y;
    let zero_or_one = first <= 1 && last == 0 && middle == [0; 30];
    // p - 1, and the second spellings of 0 and 1: p and p + 1, where p = 2^255 - 19.
    let around_p = (0xec..=0xee).contains(&first) && last == 0x7f && middle == [0xff; 30];
    zero_or_one || around_p || ORDER_8.contains(&y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SigningKey;
    use crate::testing::Seeded;

    fn key() -> VerifyingKey {
        SigningKey::generate("k1".to_owned(), &Seeded::new(1)).unwrap().verifying().clone()
    }

    #[test]
    fn a_key_survives_the_way_through_jwk_and_spki() {
        let key = key();
        assert_eq!(VerifyingKey::from_jwk(&key.jwk()).unwrap(), key);
        assert_eq!(VerifyingKey::from_spki_base64("k1", &key.spki_base64()).unwrap(), key);
        assert!(key.spki_base64().starts_with("MCowBQYDK2VwAyEA") && key.spki_base64().len() == 60);
    }

    #[test]
    fn the_published_jwk_has_exactly_the_members_that_clients_need() {
        let key = key();
        let jwk = serde_json::to_value(key.jwk()).unwrap();
        let x = URL_SAFE_NO_PAD.encode(key.public_bytes());
        assert_eq!(
            jwk,
            serde_json::json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k1", "x": x})
        );
    }

    #[test]
    fn tk_18_jwks_of_other_kinds_are_refused_with_the_member_that_is_wrong() {
        let altered = |alter: fn(&mut Jwk)| {
            let mut jwk = key().jwk();
            alter(&mut jwk);
            VerifyingKey::from_jwk(&jwk)
        };
        assert_eq!(altered(|jwk| jwk.kty = "EC".into()), Err(KeyError::UnsupportedKeyType));
        assert_eq!(altered(|jwk| jwk.crv = "Ed448".into()), Err(KeyError::UnsupportedCurve));
        assert_eq!(altered(|jwk| jwk.crv = "X25519".into()), Err(KeyError::UnsupportedCurve));
        assert_eq!(altered(|jwk| jwk.alg = Some("HS256".into())), Err(KeyError::UnsupportedAlgorithm));
        assert_eq!(altered(|jwk| jwk.alg = Some("none".into())), Err(KeyError::UnsupportedAlgorithm));
        assert_eq!(altered(|jwk| jwk.key_use = Some("enc".into())), Err(KeyError::NotForSignatures));
        assert_eq!(altered(|jwk| jwk.kid.clear()), Err(KeyError::KeyId));
        assert_eq!(altered(|jwk| jwk.kid = "k".repeat(257)), Err(KeyError::KeyId));
        assert_eq!(altered(|jwk| jwk.x.push('=')), Err(KeyError::NotBase64));
        assert_eq!(altered(|jwk| jwk.x.truncate(42)), Err(KeyError::PublicKeyLength));
        assert_eq!(altered(|jwk| jwk.x = "A".repeat(43)), Err(KeyError::SmallOrder));
        assert_eq!(altered(|jwk| jwk.x = "A".repeat(257)), Err(KeyError::TooLong));
        assert!(altered(|jwk| (jwk.alg, jwk.key_use) = (None, None)).is_ok());
    }

    #[test]
    fn anything_but_an_ed25519_spki_is_refused() {
        let read = |text: &str| VerifyingKey::from_spki_base64("k1", text);
        let good = key().spki_base64();
        assert_eq!(read(&good[..59]), Err(KeyError::NotBase64));
        assert_eq!(read(&format!(" {good}")), Err(KeyError::NotBase64));
        assert_eq!(read(&format!("{}\n{}", &good[..30], &good[30..])), Err(KeyError::NotBase64));
        assert_eq!(read(&good[..56]), Err(KeyError::NotEd25519Spki));
        assert_eq!(
            read(&STANDARD.encode([STANDARD.decode(&good).unwrap(), vec![0]].concat())),
            Err(KeyError::NotEd25519Spki)
        );
        // X25519: object identifier 1.3.101.110.
        assert_eq!(read(&good.replacen("K2Vw", "K2Vu", 1)), Err(KeyError::NotEd25519Spki));
        assert_eq!(read(""), Err(KeyError::NotEd25519Spki));
        assert_eq!(read(&"A".repeat(257)), Err(KeyError::TooLong));
    }

    #[test]
    fn points_of_small_order_are_refused_in_every_spelling() {
        let p_minus_order_8: Vec<u8> = [0x26_u16, 0xc7].map(|low| u8::try_from(0xed - low).unwrap()).to_vec();
        assert_eq!(p_minus_order_8, [0xc7, 0x26], "the two y of order 8 are each other's negative");
        let mut spellings = vec![[0; 32]];
        for first in [0xec, 0xed, 0xee] {
            let mut y = [0xff; 32];
            (y[0], y[31]) = (first, 0x7f);
            spellings.push(y);
        }
        for mut y in spellings {
            assert!(is_small_order(&y));
            y[31] |= 0x80;
            assert_eq!(VerifyingKey::from_ed25519("k", y), Err(KeyError::SmallOrder));
            y[7] ^= 0x10;
            assert!(!is_small_order(&y));
        }
    }

    #[test]
    fn only_its_own_seed_matches_a_key() {
        let (mine, other) = (
            SigningKey::generate("k".into(), &Seeded::new(1)).unwrap(),
            SigningKey::generate("k".into(), &Seeded::new(2)).unwrap(),
        );
        assert!(mine.verifying().matches_seed(&mine.seed()));
        assert!(!mine.verifying().matches_seed(&other.seed()));
        assert!(!mine.verifying().matches_seed(&Secret::new(vec![0; 31])));
    }
}
