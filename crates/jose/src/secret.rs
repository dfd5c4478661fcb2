use std::fmt;

use aws_lc_rs::{constant_time, digest};
use zeroize::Zeroizing;

/// Bytes that must not outlive their use: overwritten when dropped, and never printed.
///
/// No bound of its own; whoever reads one from outside caps it first.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes over. The caller's buffer becomes this one, so no copy stays behind.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, named so that every use can be found.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// The SHA-256 digest (FIPS 180-4) under which a high-entropy secret (an opaque token, a code) is stored.
///
/// Only for secrets of at least 128 random bits: a digest this cheap protects no human password. Every comparison,
/// `==` included, takes the same time wherever the bytes differ.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`, exactly as given: nothing is trimmed or case-folded.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(&[bytes]))
    }

    /// A digest as it was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether this is the digest of `presented`.
    pub fn matches(&self, presented: &[u8]) -> bool {
        *self == Self::of(presented)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        equal_in_constant_time(&self.0, &other.0)
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// SHA-256 of the parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// Compares without telling, by the time it takes, where two texts of one length differ.
pub(crate) fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256() {
        // FIPS 180-4 example: "abc".
        assert_eq!(Digest::of(b"abc").as_bytes()[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(sha256(&[b"a", b"bc"]), *Digest::of(b"abc").as_bytes());
    }

    #[test]
    fn tk_19_a_truncated_extended_or_case_changed_secret_is_refused() {
        let stored = Digest::of(b"tok_0aBcDeFgHiJkLmNoPqRsT");
        assert!(stored.matches(b"tok_0aBcDeFgHiJkLmNoPqRsT"));
        for presented in [
            "tok_0aBcDeFgHiJkLmNoPqRs",
            "tok_0aBcDeFgHiJkLmNoPqRsTT",
            "tok_0abcdefghijklmnopqrst",
            " tok_0aBcDeFgHiJkLmNoPqRsT",
            "",
        ] {
            assert!(!stored.matches(presented.as_bytes()), "{presented}");
        }
        assert_ne!(stored, Digest::from_bytes([0; 32]));
    }

    #[test]
    fn nothing_secret_is_printed() {
        assert_eq!(format!("{:?}", Secret::new(b"hunter2".to_vec())), "Secret(..)");
        assert_eq!(format!("{:?}", Digest::of(b"hunter2")), "Digest(..)");
    }
}
