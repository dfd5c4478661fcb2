//! Fixed chance, fixed time, and tokens of any shape.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use portcullis_jose::{Algorithm, Digest, Secret, SigningKey};
use portcullis_types::{Rng, RngError, Timestamp};
use serde_json::Value;

pub(crate) const NOW_SECS: i64 = 1_700_000_000;
pub(crate) const NOW: Timestamp = Timestamp::from_secs(NOW_SECS);

/// Bytes that depend on the seed only.
pub(crate) struct Seeded(u8, AtomicU64);

impl Seeded {
    pub(crate) fn new(seed: u8) -> Self {
        Self(seed, AtomicU64::new(0))
    }
}

impl Rng for Seeded {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
        for chunk in dest.chunks_mut(32) {
            let drawn = self.1.fetch_add(1, Ordering::Relaxed).to_le_bytes();
            let block = *Digest::of(&[&[self.0][..], &drawn].concat()).as_bytes();
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed("k1".into(), &Secret::new(vec![seed; 32])).unwrap()
}

/// The key of RFC 7515, appendix A.3.
pub(crate) fn p256_key() -> SigningKey {
    let private = Secret::new(STANDARD.decode(P256_PKCS8).unwrap());
    SigningKey::from_private_bytes(Algorithm::Es256, "k1".into(), &private).unwrap()
}

/// The key of RFC 7515, appendix A.2.
pub(crate) fn rsa_key() -> SigningKey {
    let private = Secret::new(STANDARD.decode(include_str!("../keys/rfc7515-a2.txt")).unwrap());
    SigningKey::from_private_bytes(Algorithm::Rs256, "k1".into(), &private).unwrap()
}

const P256_PKCS8: &str = concat!(
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjpsQnnGQmL+YBIffH1136cspYG6+0iY7X1fCE9+E9LKhRANCAAR/zc4n",
    "cPbEXUGDy+5v20t7WAczNXvp7xO6z248e9FURcfxRM0bvZt+hyzf7bnuufSzaV1uqQskrYpGIyiFiOWt",
);

/// The private half for a foreign library: PKCS#8 v1.
pub(crate) fn pkcs8(seed: u8) -> Vec<u8> {
    let prefix =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    [&prefix[..], &[seed; 32]].concat()
}

pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token whose signature of `key(seed)` is right over whatever header and payload are given.
pub(crate) fn signed(seed: u8, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", base64url(header), base64url(payload));
    let foreign = jsonwebtoken::EncodingKey::from_ed_der(&pkcs8(seed));
    let signature =
        jsonwebtoken::crypto::sign(input.as_bytes(), &foreign, jsonwebtoken::Algorithm::EdDSA).unwrap();
    format!("{input}.{signature}")
}

/// Claims that are good at [`NOW`], with `changes` laid over them; `null` removes.
pub(crate) fn claims(changes: Value) -> Value {
    let mut claims = serde_json::json!({
        "iss": "https://id.test", "sub": "alice", "aud": "api", "jti": "t1",
        "iat": NOW_SECS, "nbf": NOW_SECS, "exp": NOW_SECS + 300, "scope": "openid",
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => claims.as_object_mut().unwrap().remove(name),
            _ => claims.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    claims
}
