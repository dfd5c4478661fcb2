use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis_types::RngError;

use crate::key_pair::ed25519_pair;
use crate::public_key::{COORDINATE_LEN, ED25519_SPKI_PREFIX, PublicKey};
use crate::secret::equal_in_constant_time;
use crate::{Algorithm, Jwk, Secret};

/// The longest name a key may have, in bytes.
pub(crate) const MAX_KID_LEN: usize = 256;
/// The longest text read as a public key, before it is decoded.
const MAX_SPKI_TEXT_LEN: usize = 256;
/// The longest member of a JWK that is decoded: a modulus of 8192 bits, with a few zeros before it.
const MAX_MEMBER_LEN: usize = 1400;

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
    /// More than 256 characters given as a public key, or 1400 as a member of a JWK.
    #[error("a public key has at most 256 characters, and 1400 in a member of a JWK")]
    TooLong,
    /// Not standard base64 (public key) or not base64url without padding (JWK), or white space in it.
    #[error("not valid base64, or white space in it")]
    NotBase64,
    /// Not the 44 bytes of an Ed25519 SubjectPublicKeyInfo (a PEM's inner text, 60 characters).
    #[error("expected the base64 of the 44-byte DER SubjectPublicKeyInfo of an Ed25519 key")]
    NotEd25519Spki,
    /// `x` of an `OKP` JWK is not 32 bytes.
    #[error("`x` of an Ed25519 key has 32 bytes")]
    PublicKeyLength,
    /// `x` or `y` of an `EC` JWK is not 32 bytes.
    #[error("`x` and `y` of a P-256 key have 32 bytes each")]
    CoordinateLength,
    /// `x` and `y` are no point on P-256.
    #[error("`x` and `y` are no point on P-256")]
    NotOnCurve,
    /// An RSA modulus below 2048 bits or above 8192.
    #[error("an RSA key has 2048 to 8192 bits")]
    RsaSize,
    /// An RSA exponent that is even, 1, or above 32 bits.
    #[error("the exponent of an RSA key is odd, more than 1 and below 2^32")]
    RsaExponent,
    /// Not the PKCS#8 (RFC 5958) of a private key of its algorithm.
    #[error("expected the PKCS#8 of a private key of the algorithm")]
    NotPkcs8,
    /// A JWK without a member that its `kty` requires; the member's name.
    #[error("`{0}` is required")]
    MissingMember(&'static str),
    /// A JWK whose `kty` is none of `OKP`, `EC` and `RSA`.
    #[error("expected `kty` OKP, EC or RSA")]
    UnsupportedKeyType,
    /// A JWK whose `crv` is not the one of its `kty` that is supported.
    #[error("expected `crv` Ed25519 of an OKP key, P-256 of an EC key")]
    UnsupportedCurve,
    /// A JWK whose `alg` is there and not the one of its key type.
    #[error("expected `alg` EdDSA of an OKP key, ES256 of an EC key, RS256 of an RSA key")]
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
    public: PublicKey,
}

impl VerifyingKey {
    /// An Ed25519 key (RFC 8032 §5.1.5) from its 32 bytes, named by 1 to 256 bytes.
    ///
    /// # Errors
    /// [`KeyError::KeyId`], and [`KeyError::SmallOrder`] for the few points whose signatures anyone can forge.
    pub fn from_ed25519(kid: impl Into<String>, public: [u8; 32]) -> Result<Self, KeyError> {
        Self::new(kid.into(), || PublicKey::ed25519(public))
    }

    /// Checks the name before the key.
    pub(crate) fn new(
        kid: String,
        public: impl FnOnce() -> Result<PublicKey, KeyError>,
    ) -> Result<Self, KeyError> {
        check_kid(&kid)?;
        Ok(Self { kid, public: public()? })
    }

    /// A key of a JWK set (RFC 7517, RFC 7518 §6, RFC 8037 §2): Ed25519, P-256, or RSA of 2048 to 8192 bits. `alg` and `use` may
    /// be absent; an RSA key without `alg` verifies RS256 and nothing else.
    ///
    /// # Errors
    /// The [`KeyError`] that names the first member that is wrong.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        let (algorithm, curve) = match jwk.kty.as_str() {
            "OKP" => (Algorithm::EdDsa, Some("Ed25519")),
            "EC" => (Algorithm::Es256, Some("P-256")),
            "RSA" => (Algorithm::Rs256, None),
            _ => return Err(KeyError::UnsupportedKeyType),
        };
        if curve.is_some() && jwk.crv.as_deref() != curve {
            return Err(KeyError::UnsupportedCurve);
        }
        if jwk.alg.as_deref().is_some_and(|alg| alg != algorithm.name()) {
            return Err(KeyError::UnsupportedAlgorithm);
        }
        if jwk.key_use.as_deref().is_some_and(|key_use| key_use != "sig") {
            return Err(KeyError::NotForSignatures);
        }
        Self::new(jwk.kid.clone(), || match algorithm {
            Algorithm::EdDsa => {
                let x = member("x", jwk.x.as_deref())?;
                PublicKey::ed25519(x.try_into().ok().ok_or(KeyError::PublicKeyLength)?)
            }
            Algorithm::Es256 => {
                PublicKey::p256(&member("x", jwk.x.as_deref())?, &member("y", jwk.y.as_deref())?)
            }
            Algorithm::Rs256 => {
                PublicKey::rsa(&member("n", jwk.n.as_deref())?, &member("e", jwk.e.as_deref())?)
            }
        })
    }

    /// The key as it is published in a JWK set, with every member of its type (RFC 7518 §6, spec `authress-api.md` §6).
    pub fn jwk(&self) -> Jwk {
        let encode = |bytes: &[u8]| Some(URL_SAFE_NO_PAD.encode(bytes));
        let jwk = Jwk {
            alg: Some(self.algorithm().name().to_owned()),
            key_use: Some("sig".to_owned()),
            kid: self.kid.clone(),
            ..Jwk::default()
        };
        match &self.public {
            PublicKey::Ed25519(public) => {
                Jwk { kty: "OKP".to_owned(), crv: Some("Ed25519".to_owned()), x: encode(public), ..jwk }
            }
            PublicKey::P256([_, coordinates @ ..]) => {
                let (x, y) = coordinates.split_at(COORDINATE_LEN);
                Jwk { kty: "EC".to_owned(), crv: Some("P-256".to_owned()), x: encode(x), y: encode(y), ..jwk }
            }
            PublicKey::Rsa { n, e, .. } => Jwk { kty: "RSA".to_owned(), n: encode(n), e: encode(e), ..jwk },
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
            .strip_prefix(&ED25519_SPKI_PREFIX)
            .and_then(|public| public.try_into().ok())
            .ok_or(KeyError::NotEd25519Spki)?;
        Self::from_ed25519(kid, public)
    }

    /// The standard base64 of its DER SubjectPublicKeyInfo (RFC 5280 §4.1), the inner text of a PEM: for an Ed25519 key the 60
    /// characters that [`VerifyingKey::from_spki_base64`] reads.
    pub fn spki_base64(&self) -> String {
        STANDARD.encode(self.public.spki())
    }

    /// The name under which tokens refer to the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The one algorithm this key verifies.
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The public key's bytes, by which two keys of one algorithm can be told apart: of Ed25519 the 32 of RFC 8032 §5.1.5, of
    /// P-256 the 65 of the uncompressed point (SEC 1 §2.3.3), of RSA the DER SubjectPublicKeyInfo.
    pub fn public_bytes(&self) -> &[u8] {
        self.public.bytes()
    }

    /// Whether `seed` is the private half of this Ed25519 key (RFC 8032 §5.1.5). Compared in constant time.
    pub fn matches_seed(&self, seed: &Secret) -> bool {
        self.algorithm() == Algorithm::EdDsa
            && ed25519_pair(seed.expose())
                .is_ok_and(|(_, public)| equal_in_constant_time(&public, self.public_bytes()))
    }

    /// Whether `signature` is one of this key over `message`.
    pub(crate) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.accepts(message, signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({} {})", self.algorithm(), self.kid)
    }
}

/// The bytes of a JWK's member, which must be there.
fn member(name: &'static str, text: Option<&str>) -> Result<Vec<u8>, KeyError> {
    let text = text.ok_or(KeyError::MissingMember(name))?;
    if text.len() > MAX_MEMBER_LEN {
        return Err(KeyError::TooLong);
    }
    // The decoder's own error would quote a byte of it.
    URL_SAFE_NO_PAD.decode(text).ok().ok_or(KeyError::NotBase64)
}

pub(crate) fn check_kid(kid: &str) -> Result<(), KeyError> {
    if (1..=MAX_KID_LEN).contains(&kid.len()) { Ok(()) } else { Err(KeyError::KeyId) }
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
        assert_eq!(altered(|jwk| jwk.kty = "oct".into()), Err(KeyError::UnsupportedKeyType));
        assert_eq!(altered(|jwk| jwk.crv = Some("Ed448".into())), Err(KeyError::UnsupportedCurve));
        assert_eq!(altered(|jwk| jwk.crv = Some("X25519".into())), Err(KeyError::UnsupportedCurve));
        assert_eq!(altered(|jwk| jwk.alg = Some("HS256".into())), Err(KeyError::UnsupportedAlgorithm));
        assert_eq!(altered(|jwk| jwk.alg = Some("none".into())), Err(KeyError::UnsupportedAlgorithm));
        assert_eq!(altered(|jwk| jwk.key_use = Some("enc".into())), Err(KeyError::NotForSignatures));
        assert_eq!(altered(|jwk| jwk.kid.clear()), Err(KeyError::KeyId));
        assert_eq!(altered(|jwk| jwk.kid = "k".repeat(257)), Err(KeyError::KeyId));
        assert_eq!(altered(|jwk| jwk.x.as_mut().unwrap().push('=')), Err(KeyError::NotBase64));
        assert_eq!(altered(|jwk| jwk.x.as_mut().unwrap().truncate(42)), Err(KeyError::PublicKeyLength));
        assert_eq!(altered(|jwk| jwk.x = Some("A".repeat(43))), Err(KeyError::SmallOrder));
        assert_eq!(altered(|jwk| jwk.x = Some("A".repeat(1401))), Err(KeyError::TooLong));
        assert_eq!(altered(|jwk| jwk.x = None), Err(KeyError::MissingMember("x")));
        assert_eq!(altered(|jwk| jwk.crv = None), Err(KeyError::UnsupportedCurve));
        // What only another type has cannot change what the key is.
        assert_eq!(altered(|jwk| jwk.kty = "EC".into()), Err(KeyError::UnsupportedCurve));
        assert_eq!(altered(|jwk| jwk.alg = Some("ES256".into())), Err(KeyError::UnsupportedAlgorithm));
        assert!(altered(|jwk| (jwk.alg, jwk.key_use) = (None, None)).is_ok());
    }

    /// The keys of RFC 7515, appendices A.3 and A.2.
    fn rfc_7515(kty: &str) -> Jwk {
        let text = |text: &str| Some(text.to_owned());
        let jwk = Jwk { kty: kty.to_owned(), kid: "k1".to_owned(), ..Jwk::default() };
        match kty {
            "EC" => Jwk {
                crv: text("P-256"),
                x: text("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
                y: text("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
                ..jwk
            },
            _ => Jwk {
                n: text(concat!(
                    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR",
                    "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB",
                    "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia",
                    "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
                )),
                e: text("AQAB"),
                ..jwk
            },
        }
    }

    #[test]
    fn signatures_of_rfc_7515_verify_with_its_keys() {
        const PAYLOAD: &str =
            "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let es256 = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        let rs256 = concat!(
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb",
            "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383",
            "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy",
            "wlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        );
        for (kty, header, signature) in
            [("EC", "eyJhbGciOiJFUzI1NiJ9", es256), ("RSA", "eyJhbGciOiJSUzI1NiJ9", rs256)]
        {
            let key = VerifyingKey::from_jwk(&rfc_7515(kty)).unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let accepts = |signature: &[u8]| key.accepts(format!("{header}.{PAYLOAD}").as_bytes(), signature);
            assert!(accepts(&signature), "{kty}");
            assert!(!key.accepts(b"something else", &signature), "{kty}");
            for at in [0, 31, 32, signature.len() - 1] {
                let mut altered = signature.clone();
                altered[at] ^= 1;
                assert!(!accepts(&altered), "{kty} {at}");
            }
            assert!(!accepts(&signature[1..]) && !accepts(&[&signature[..], &[0]].concat()) && !accepts(&[]));
        }
    }

    #[test]
    fn only_jose_s_own_form_of_an_es256_signature_is_read() {
        // The signature of RFC 7515 appendix A.3 as DER, the form that other protocols use.
        let fixed = URL_SAFE_NO_PAD
            .decode("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
            .unwrap();
        let der = [&[0x30, 69, 2, 32], &fixed[..32], &[2, 33, 0], &fixed[32..]].concat();
        let message = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let key = VerifyingKey::from_jwk(&rfc_7515("EC")).unwrap();
        assert!(key.accepts(message.as_bytes(), &fixed) && !key.accepts(message.as_bytes(), &der));
    }

    #[test]
    fn each_type_is_published_with_its_own_members_and_read_back() {
        for (kty, alg, members) in
            [("EC", "ES256", "alg crv kid kty use x y"), ("RSA", "RS256", "alg e kid kty n use")]
        {
            let key = VerifyingKey::from_jwk(&rfc_7515(kty)).unwrap();
            let jwk = key.jwk();
            assert_eq!(VerifyingKey::from_jwk(&jwk).unwrap(), key);
            assert_eq!((jwk.alg.as_deref(), jwk.key_use.as_deref()), (Some(alg), Some("sig")));
            let json = serde_json::to_value(&jwk).unwrap();
            let mut names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
            names.sort_unstable();
            assert_eq!(names.join(" "), members);
            let given = rfc_7515(kty);
            assert_eq!((&jwk.x, &jwk.y, &jwk.n, &jwk.e), (&given.x, &given.y, &given.n, &given.e));
            assert_eq!(jwk.kty, kty);
        }
    }

    #[test]
    fn tk_18_foreign_keys_of_a_curve_size_or_algorithm_that_is_not_ours_are_refused() {
        let altered = |kty: &str, alter: fn(&mut Jwk)| {
            let mut jwk = rfc_7515(kty);
            alter(&mut jwk);
            VerifyingKey::from_jwk(&jwk).err()
        };
        for curve in ["P-384", "P-521", "secp256k1", "p-256", ""] {
            let jwk = Jwk { crv: Some(curve.to_owned()), ..rfc_7515("EC") };
            assert_eq!(VerifyingKey::from_jwk(&jwk), Err(KeyError::UnsupportedCurve), "{curve}");
        }
        for alg in ["RS384", "PS256", "RSA-OAEP", "ES256", "HS256", "none"] {
            let jwk = Jwk { alg: Some(alg.to_owned()), ..rfc_7515("RSA") };
            assert_eq!(VerifyingKey::from_jwk(&jwk), Err(KeyError::UnsupportedAlgorithm), "{alg}");
        }
        assert_eq!(altered("EC", |jwk| jwk.y = None), Some(KeyError::MissingMember("y")));
        assert_eq!(altered("EC", |jwk| jwk.y = jwk.x.clone()), Some(KeyError::NotOnCurve));
        assert_eq!(altered("EC", |jwk| jwk.x = Some("AAAA".into())), Some(KeyError::CoordinateLength));
        assert_eq!(altered("EC", |jwk| jwk.alg = Some("ES384".into())), Some(KeyError::UnsupportedAlgorithm));
        assert_eq!(altered("EC", |jwk| jwk.key_use = Some("enc".into())), Some(KeyError::NotForSignatures));
        assert_eq!(altered("RSA", |jwk| jwk.n = None), Some(KeyError::MissingMember("n")));
        assert_eq!(altered("RSA", |jwk| jwk.e = None), Some(KeyError::MissingMember("e")));
        assert_eq!(altered("RSA", |jwk| jwk.n.as_mut().unwrap().truncate(340)), Some(KeyError::RsaSize));
        assert_eq!(altered("RSA", |jwk| jwk.n = Some("_".repeat(1368))), Some(KeyError::RsaSize));
        assert_eq!(altered("RSA", |jwk| jwk.n = Some("_".repeat(1401))), Some(KeyError::TooLong));
        assert_eq!(altered("RSA", |jwk| jwk.e = Some("AQ".into())), Some(KeyError::RsaExponent));
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
    fn only_its_own_seed_matches_a_key() {
        let (mine, other) = (
            SigningKey::generate("k".into(), &Seeded::new(1)).unwrap(),
            SigningKey::generate("k".into(), &Seeded::new(2)).unwrap(),
        );
        assert!(mine.verifying().matches_seed(&mine.private_bytes()));
        assert!(!mine.verifying().matches_seed(&other.private_bytes()));
        assert!(!mine.verifying().matches_seed(&Secret::new(vec![0; 31])));
    }
}
