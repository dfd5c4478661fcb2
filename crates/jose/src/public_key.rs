use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use crate::{Algorithm, KeyError};

/// The bounds of an RSA modulus, in bits.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The longest public exponent, in bytes. A larger one only makes every check slow.
const MAX_EXPONENT_LEN: usize = 4;
/// The bytes of a coordinate on P-256.
pub(crate) const COORDINATE_LEN: usize = 32;
/// An uncompressed point begins with 4 (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;

/// What comes before the 32 bytes in the SubjectPublicKeyInfo of an Ed25519 key (RFC 8410 §4, §10.1).
pub(crate) const ED25519_SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/// What comes before the 65 bytes in that of a P-256 key (RFC 5480 §2).
const P256_SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A public key that may be used: only the constructors, which hold the rules of import, make one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// The 32 bytes of RFC 8032 §5.1.5.
    Ed25519([u8; 32]),
    /// Both coordinates of a point on P-256, uncompressed (SEC 1 §2.3.3).
    P256([u8; 1 + 2 * COORDINATE_LEN]),
    /// Modulus and exponent, the most significant byte first, without zeros before it.
    Rsa {
        n: Box<[u8]>,
        e: Box<[u8]>,
        /// The same as DER SubjectPublicKeyInfo (RFC 3279 §2.3.1).
        spki: Box<[u8]>,
    },
}

impl PublicKey {
    pub(crate) fn ed25519(public: [u8; 32]) -> Result<Self, KeyError> {
        if is_small_order(&public) { Err(KeyError::SmallOrder) } else { Ok(Self::Ed25519(public)) }
    }

    pub(crate) fn p256(x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        if x.len() != COORDINATE_LEN || y.len() != COORDINATE_LEN {
            return Err(KeyError::CoordinateLength);
        }
        let point = [&[UNCOMPRESSED], x, y].concat().try_into().ok().ok_or(KeyError::CoordinateLength)?;
        // Refuses points that are not on the curve, with which a signature check would mean nothing.
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok().ok_or(KeyError::NotOnCurve)?;
        Ok(Self::P256(point))
    }

    pub(crate) fn rsa(n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        let (n, e) = (without_leading_zeros(n), without_leading_zeros(e));
        let bits = n.first().map_or(0, |first| n.len() * 8 - first.leading_zeros() as usize);
        if !RSA_BITS.contains(&bits) {
            return Err(KeyError::RsaSize);
        }
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        if !is_odd(n) {
            return Err(KeyError::Rejected);
        }
        if !is_odd(e) || e == [1] || e.len() > MAX_EXPONENT_LEN {
            return Err(KeyError::RsaExponent);
        }
        let spki: Option<PublicKeyX509Der<'_>> = RsaPublicKeyComponents { n, e }.as_der().ok();
        let spki = spki.ok_or(KeyError::Rejected)?;
        let spki = spki.as_ref().into();
        ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &spki).ok().ok_or(KeyError::Rejected)?;
        Ok(Self::Rsa { n: n.into(), e: e.into(), spki })
    }

    /// The one algorithm that it verifies.
    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::P256(_) => Algorithm::Es256,
            Self::Rsa { .. } => Algorithm::Rs256,
        }
    }

    /// See [`VerifyingKey::public_bytes`](crate::VerifyingKey::public_bytes).
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(public) => public,
            Self::P256(point) => point,
            Self::Rsa { spki, .. } => spki,
        }
    }

    /// The key as DER SubjectPublicKeyInfo (RFC 5280 §4.1).
    pub(crate) fn spki(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(public) => [ED25519_SPKI_PREFIX.as_slice(), public].concat(),
            Self::P256(point) => [P256_SPKI_PREFIX.as_slice(), point].concat(),
            Self::Rsa { spki, .. } => spki.to_vec(),
        }
    }

    /// Whether `signature`, in the form that JOSE gives it (RFC 7518 §3.3, §3.4, RFC 8037 §3.1), is one of this key.
    pub(crate) fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(public) => {
                UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
            }
            Self::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            Self::Rsa { spki, .. } => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, spki).verify(message, signature).is_ok()
            }
        }
    }
}

fn without_leading_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
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
            assert!(matches!(PublicKey::ed25519(y), Err(KeyError::SmallOrder)));
            y[7] ^= 0x10;
            assert!(!is_small_order(&y));
        }
    }

    #[test]
    fn an_rsa_number_may_have_zeros_before_it_and_is_the_same_key() {
        let mut n = vec![0xff; 256];
        let plain = PublicKey::rsa(&n, &[1, 0, 1]).unwrap();
        n.insert(0, 0);
        assert!(PublicKey::rsa(&n, &[0, 1, 0, 1]).unwrap() == plain);
    }

    #[test]
    fn tk_18_rsa_keys_have_at_least_2048_bits_and_an_odd_exponent_above_1() {
        let refused = |n: &[u8], e: &[u8]| PublicKey::rsa(n, e).err().unwrap();
        let n = |first: u8, len: usize| [&[first], vec![0xff; len - 1].as_slice()].concat();
        assert!(PublicKey::rsa(&n(0x80, 256), &[1, 0, 1]).is_ok());
        assert!(PublicKey::rsa(&n(0xff, 1024), &[3]).is_ok());
        for short in [n(0x7f, 256), n(0xff, 128), n(1, 64), vec![], vec![0; 300], n(1, 1025)] {
            assert_eq!(refused(&short, &[1, 0, 1]), KeyError::RsaSize, "{}", short.len());
        }
        for e in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[1, 0, 0, 0, 1], &[0xff; 256]] {
            assert_eq!(refused(&n(0xff, 256), e), KeyError::RsaExponent, "{e:?}");
        }
        let mut even = n(0xff, 256);
        even[255] = 0xfe;
        assert_eq!(refused(&even, &[1, 0, 1]), KeyError::Rejected);
    }

    #[test]
    fn a_point_off_the_curve_is_no_key() {
        assert!(matches!(PublicKey::p256(&[1; 32], &[1; 32]), Err(KeyError::NotOnCurve)));
        assert!(matches!(PublicKey::p256(&[0; 32], &[0; 32]), Err(KeyError::NotOnCurve)));
        assert!(matches!(PublicKey::p256(&[1; 31], &[1; 32]), Err(KeyError::CoordinateLength)));
        assert!(matches!(PublicKey::p256(&[1; 32], &[1; 33]), Err(KeyError::CoordinateLength)));
    }
}
