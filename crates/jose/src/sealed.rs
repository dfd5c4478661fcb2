use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portcullis_types::{Rng, RngError};
use zeroize::Zeroizing;

use crate::secret::sha256;
use crate::{Digest, Secret};

const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const HEX_LEN: usize = 2 * KEY_LEN;

/// Why something could not be sealed, opened, or read as a master key. Nothing in it comes from the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The text is neither 64 hexadecimal digits nor 44 characters of standard base64.
    #[error("a master key is 32 bytes, as 64 hexadecimal digits or 44 characters of standard base64")]
    NotAMasterKey,
    /// It was not sealed by this key for this context, or it was altered since.
    #[error("sealed by another master key, for another purpose, or altered")]
    Refused,
    /// The cipher refused to work; nothing was sealed.
    #[error("the cipher refused to seal")]
    Cipher,
    /// No nonce could be drawn; nothing was sealed.
    #[error(transparent)]
    Random(#[from] RngError),
}

/// The key under which secrets are stored: AES-256-GCM (NIST SP 800-38D), a fresh random 96-bit nonce each time.
///
/// With random nonces one key may seal up to 2³² times (SP 800-38D §8.3), far more often than keys are rotated.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; KEY_LEN]>);

impl MasterKey {
    /// A key from 32 uniformly random bytes.
    pub fn from_bytes(bytes: [u8; KEY_LEN]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The key that `secret` gives for one purpose: SHA-256 over both. Only for secrets of at least 128 random bits; whoever
    /// does not hold the secret cannot open what is sealed under the key, nor can whoever only holds a [`Digest`](crate::Digest)
    /// of it. `purpose` must not be empty.
    pub fn derived(purpose: &[u8], secret: &[u8]) -> Self {
        // The length keeps purpose and secret apart: no other pair gives the same bytes.
        let length = u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes();
        Self::from_bytes(sha256(&[b"portcullis derived key", &length, purpose, secret]))
    }

    /// A new key.
    ///
    /// # Errors
    /// [`RngError`] when the random source failed.
    pub fn generate(rng: &dyn Rng) -> Result<Self, RngError> {
        let mut key = Self::from_bytes([0; KEY_LEN]);
        rng.fill(key.0.as_mut_slice())?;
        Ok(key)
    }

    /// Reads the text of a key file: 64 hexadecimal digits or 44 characters of standard base64, with white space
    /// around them ignored.
    ///
    /// # Errors
    /// [`SealError::NotAMasterKey`] for anything else.
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        let text = text.trim().as_bytes();
        let mut key = Self::from_bytes([0; KEY_LEN]);
        if text.len() == HEX_LEN {
            for (byte, digits) in key.0.iter_mut().zip(text.chunks_exact(2)) {
                *byte =
                    digits.iter().try_fold(0, |high, &digit| hex_value(digit).map(|low| high << 4 | low))?;
            }
            return Ok(key);
        }
        match STANDARD.decode_slice(text, key.0.as_mut_slice()) {
            Ok(KEY_LEN) => Ok(key),
            // The decoder's own error would quote a character of the key.
            Ok(_) | Err(_) => Err(SealError::NotAMasterKey),
        }
    }

    /// The text of a key file: 44 characters of standard base64, which [`MasterKey::from_text`] reads back.
    pub fn to_text(&self) -> Secret {
        Secret::new(STANDARD.encode(self.0.as_slice()).into_bytes())
    }

    /// A fingerprint of 16 hexadecimal digits that is no secret: it tells which key sealed a row.
    pub fn id(&self) -> String {
        let digest = sha256(&[b"portcullis master key id", self.0.as_slice()]);
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// A digest of `message` that nobody makes or checks without this key: HMAC-SHA-256 (RFC 2104). `purpose` keeps the digests of one
    /// use apart from those of another.
    pub fn digest(&self, purpose: &[u8], message: &[u8]) -> Digest {
        // A key of its own for each purpose, so that purpose and message cannot run into each other.
        let of_purpose = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice());
        let of_purpose = hmac::sign(&of_purpose, purpose);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, of_purpose.as_ref()), message);
        let mut digest = [0; 32];
        digest.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        Digest::from_bytes(digest)
    }

    /// Seals `plain` for one purpose: nonce (12 bytes), cipher text, tag (16 bytes).
    ///
    /// `context` is authenticated and not stored; whoever opens must know it. Let it name the kind and the id of the row,
    /// so that a sealed value moved to another row does not open there.
    ///
    /// # Errors
    /// [`SealError::Random`] without a nonce, [`SealError::Cipher`] when `plain` is longer than the cipher takes (64 GiB).
    pub fn seal(&self, context: &[u8], plain: &[u8], rng: &dyn Rng) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + TAG_LEN);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let (_, body) = sealed.split_at_mut(NONCE_LEN);
        let tag = self
            .cipher()
            .and_then(|cipher| {
                cipher
                    .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), body)
                    .ok()
            })
            .ok_or(SealError::Cipher)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what [`MasterKey::seal`] made for the same `context`.
    ///
    /// # Errors
    /// [`SealError::Refused`] when the key or the context is another, or when any byte was altered, cut or added. Which
    /// of these it was cannot be told.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Secret, SealError> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(SealError::Refused)?;
        let mut buffer = Zeroizing::new(body.to_vec());
        let plain_len = self
            .cipher()
            .and_then(|cipher| {
                let nonce = Nonce::assume_unique_for_key(*nonce);
                cipher.open_in_place(nonce, Aad::from(context), &mut buffer).map(|plain| plain.len()).ok()
            })
            .ok_or(SealError::Refused)?;
        buffer.truncate(plain_len);
        Ok(Secret::new(std::mem::take(&mut *buffer)))
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&AES_256_GCM, self.0.as_slice()).ok().map(LessSafeKey::new)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id())
    }
}

fn hex_value(digit: u8) -> Result<u8, SealError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(SealError::NotAMasterKey),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_digest_depends_on_the_key_the_purpose_and_the_message() {
        let digest = |key: u8, purpose: &[u8], message: &[u8]| {
            *MasterKey::from_bytes([key; 32]).digest(purpose, message).as_bytes()
        };
        assert_eq!(digest(1, b"a", b"b"), digest(1, b"a", b"b"));
        for other in
            [digest(2, b"a", b"b"), digest(1, b"ab", b""), digest(1, b"", b"ab"), digest(1, b"a", b"c")]
        {
            assert_ne!(other, digest(1, b"a", b"b"));
        }
    }

    use super::*;
    use crate::testing::{NoChance, Seeded};

    #[test]
    fn what_was_sealed_opens_with_the_same_key_and_context_only() {
        let rng = Seeded::new(1);
        let (key, other) = (MasterKey::generate(&rng).unwrap(), MasterKey::generate(&rng).unwrap());
        let sealed = key.seal(b"signing-key:k1", b"seed", &rng).unwrap();
        assert_eq!(sealed.len(), NONCE_LEN + 4 + TAG_LEN);
        assert_eq!(key.open(b"signing-key:k1", &sealed).unwrap().expose(), b"seed");
        assert_eq!(key.open(b"signing-key:k2", &sealed).unwrap_err(), SealError::Refused);
        assert_eq!(other.open(b"signing-key:k1", &sealed).unwrap_err(), SealError::Refused);
    }

    #[test]
    fn every_altered_byte_and_every_cut_is_refused() {
        let rng = Seeded::new(2);
        let key = MasterKey::generate(&rng).unwrap();
        let sealed = key.seal(b"c", b"plain", &rng).unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(key.open(b"c", &altered).unwrap_err(), SealError::Refused, "byte {at}");
            assert_eq!(key.open(b"c", &sealed[..at]).unwrap_err(), SealError::Refused, "cut at {at}");
        }
    }

    #[test]
    fn a_derived_key_depends_on_purpose_and_secret_and_is_no_digest_of_it() {
        let key = |purpose: &[u8], secret: &[u8]| MasterKey::derived(purpose, secret).0;
        assert_eq!(key(b"a", b"secret"), key(b"a", b"secret"));
        for other in [key(b"b", b"secret"), key(b"a", b"secret."), key(b"as", b"ecret")] {
            assert_ne!(key(b"a", b"secret"), other);
        }
        assert_ne!(*key(b"a", b"secret"), *Digest::of(b"secret").as_bytes());
    }

    #[test]
    fn the_same_plain_text_never_looks_the_same_twice() {
        let rng = Seeded::new(3);
        let key = MasterKey::generate(&rng).unwrap();
        assert_ne!(key.seal(b"", b"x", &rng).unwrap(), key.seal(b"", b"x", &rng).unwrap());
        assert_eq!(key.seal(b"", b"x", &NoChance).unwrap_err(), SealError::Random(RngError));
    }

    #[test]
    fn the_construction_is_plain_aes_256_gcm() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14: key, nonce and plain text all zero.
        let key = MasterKey::from_bytes([0; 32]);
        let mut sealed = vec![0; NONCE_LEN];
        sealed.extend([
            0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d, 0x18,
        ]);
        sealed.extend([
            0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19,
        ]);
        assert_eq!(key.open(b"", &sealed).unwrap().expose(), [0; 16]);
    }

    #[test]
    fn key_files_are_read_as_base64_and_as_hex_and_nothing_else() {
        let key = MasterKey::generate(&Seeded::new(4)).unwrap();
        let text = String::from_utf8(key.to_text().expose().to_vec()).unwrap();
        let hex: String = key.0.iter().map(|byte| format!("{byte:02X}")).collect();
        for accepted in [text.clone(), format!("{text}\n"), hex.clone(), hex.to_lowercase()] {
            assert_eq!(MasterKey::from_text(&accepted).unwrap().id(), key.id());
        }
        for refused in
            ["", "short", &text[1..], &hex[2..], &format!("{hex}00"), &"g".repeat(64), &"é".repeat(32)]
        {
            assert_eq!(MasterKey::from_text(refused).unwrap_err(), SealError::NotAMasterKey, "{refused}");
        }
    }

    #[test]
    fn the_key_is_not_printed() {
        let key = MasterKey::from_bytes([7; 32]);
        assert_eq!(key.id().len(), 16);
        assert_eq!(format!("{key:?}"), format!("MasterKey({})", key.id()));
    }
}
