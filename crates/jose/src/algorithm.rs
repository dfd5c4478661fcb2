use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A signature algorithm, as a property of a key. A token's header only repeats it (RFC 8725 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519, under its JOSE name `EdDSA` (RFC 8037 §3.1). Clients refuse the newer name `Ed25519`
    /// (spec `authress-api.md` §6).
    EdDsa,
    /// ECDSA with P-256 and SHA-256 (RFC 7518 §3.4).
    Es256,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3), with keys of 2048 to 8192 bits.
    Rs256,
}

impl Algorithm {
    /// Every algorithm, the default first.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Es256, Self::Rs256];

    /// The value of `alg` in headers and JWKs (RFC 7518 §3.1, RFC 8037 §3.1).
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }

    /// The algorithm of this [`name`](Self::name), compared exactly.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The left half of `text`'s digest, base64url without padding: `at_hash` of an access token and `c_hash` of a code in an ID
    /// token that is signed with this algorithm (OpenID Connect Core §3.1.3.6, §3.3.2.11).
    ///
    /// The digest is the one that the algorithm signs with: SHA-256 gives 22 characters. Ed25519 signs with SHA-512
    /// (RFC 8032 §5.1), which gives 43.
    pub fn half_hash(self, text: &str) -> String {
        let digest = match self {
            Self::EdDsa => digest::digest(&digest::SHA512, text.as_bytes()),
            Self::Es256 | Self::Rs256 => digest::digest(&digest::SHA256, text.as_bytes()),
        };
        let (left, _) = digest.as_ref().split_at(digest.as_ref().len() / 2);
        URL_SAFE_NO_PAD.encode(left)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_exactly() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::of_name(algorithm.name()), Some(algorithm));
        }
        for other in ["none", "HS256", "RS384", "PS256", "ES384", "es256", "Ed25519", ""] {
            assert_eq!(Algorithm::of_name(other), None, "{other}");
        }
    }

    #[test]
    fn tk_25_a_half_hash_is_the_left_half_of_the_digest_that_the_algorithm_signs_with() {
        // OpenID Connect Core, appendix A.3 and A.4: an RS256 ID token with its access token and its code.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        assert_eq!(Algorithm::Rs256.half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(Algorithm::Rs256.half_hash(code), "LDktKdoQak3Pk0cnXxCltA");
        assert_eq!(Algorithm::Es256.half_hash(token), Algorithm::Rs256.half_hash(token));
        // FIPS 180-4: SHA-512 of "abc" begins ddaf35a1…, and its first half ends …0a9eeee6 4b55d39a.
        let left = URL_SAFE_NO_PAD.decode(Algorithm::EdDsa.half_hash("abc")).unwrap();
        assert_eq!(left.len(), 32);
        assert_eq!(left[..8], [0xdd, 0xaf, 0x35, 0xa1, 0x93, 0x61, 0x7a, 0xba]);
        assert_eq!(left[24..], [0x0a, 0x9e, 0xee, 0xe6, 0x4b, 0x55, 0xd3, 0x9a]);
    }
}
