use aws_lc_rs::agreement::{self, ECDH_P256};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use portcullis_types::Rng;
use zeroize::Zeroizing;

use crate::public_key::{COORDINATE_LEN, PublicKey};
use crate::{Algorithm, KeyError, Secret};

const SEED_LEN: usize = 32;
/// How often a scalar is drawn that P-256 cannot take. Each is bad with a chance of 2^-32: a source that fails so often is broken.
const DRAWS: usize = 4;

/// The private half of a key, ready to sign.
pub(crate) enum KeyPair {
    Ed25519(Ed25519KeyPair),
    P256(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl KeyPair {
    /// The private bytes of a new key.
    pub(crate) fn generate(algorithm: Algorithm, rng: &dyn Rng) -> Result<Secret, KeyError> {
        match algorithm {
            Algorithm::EdDsa => draw(rng),
            Algorithm::Es256 => p256_pkcs8(rng),
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok().ok_or(KeyError::Rejected)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().ok().ok_or(KeyError::Rejected)?;
                Ok(Secret::new(der.as_ref().to_vec()))
            }
        }
    }

    /// The key pair of stored private bytes, and its public half, which passed the same rules as a foreign one.
    pub(crate) fn read(algorithm: Algorithm, private: &Secret) -> Result<(Self, PublicKey), KeyError> {
        let private = private.expose();
        match algorithm {
            Algorithm::EdDsa => {
                let (pair, public) = ed25519_pair(private)?;
                Ok((Self::Ed25519(pair), PublicKey::ed25519(public)?))
            }
            Algorithm::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private);
                let pair = pair.ok().ok_or(KeyError::NotPkcs8)?;
                let (_, coordinates) = pair.public_key().as_ref().split_first().ok_or(KeyError::Rejected)?;
                let (x, y) = coordinates.split_at_checked(COORDINATE_LEN).ok_or(KeyError::Rejected)?;
                let public = PublicKey::p256(x, y)?;
                Ok((Self::P256(pair), public))
            }
            Algorithm::Rs256 => {
                let pair = RsaKeyPair::from_pkcs8(private).ok().ok_or(KeyError::NotPkcs8)?;
                let RsaPublicKeyComponents { n, e } = RsaPublicKeyComponents::from(pair.public_key());
                let public = PublicKey::rsa(&n, &e)?;
                Ok((Self::Rsa(pair), public))
            }
        }
    }

    /// The signature as JOSE writes it: of ES256 the two numbers, 32 bytes each (RFC 7518 §3.4). `None`: the library refused.
    ///
    /// The library draws the nonce of an ES256 signature itself and takes no other source for it.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ed25519(pair) => pair.try_sign(message).ok().map(|signature| signature.as_ref().to_vec()),
            Self::P256(pair) => {
                pair.sign(&SystemRandom::new(), message).ok().map(|signature| signature.as_ref().to_vec())
            }
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
                Some(signature)
            }
        }
    }
}

/// 32 bytes of chance.
fn draw(rng: &dyn Rng) -> Result<Secret, KeyError> {
    let mut drawn = Zeroizing::new(vec![0; SEED_LEN]);
    rng.fill(&mut drawn)?;
    Ok(Secret::new(std::mem::take(&mut *drawn)))
}

fn p256_pkcs8(rng: &dyn Rng) -> Result<Secret, KeyError> {
    for _ in 0..DRAWS {
        let scalar = draw(rng)?;
        // Refuses 0 and what is not below the order of the curve, so that every key is equally likely.
        let Ok(private) = agreement::PrivateKey::from_private_key(&ECDH_P256, scalar.expose()) else {
            continue;
        };
        let der: Pkcs8V1Der<'_> = private.as_der().ok().ok_or(KeyError::Rejected)?;
        return Ok(Secret::new(der.as_ref().to_vec()));
    }
    Err(KeyError::Rejected)
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
