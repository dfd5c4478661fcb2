use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A public key as it is published (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2, spec `authress-api.md` §6).
///
/// Keys that we publish carry every member that their type has; in keys of other issuers `alg` and `use` may be absent. Members
/// that are not listed here (`x5c`, a private `d`, …) are dropped on reading. Nothing is judged here: see
/// [`VerifyingKey::from_jwk`](crate::VerifyingKey::from_jwk).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Jwk {
    /// The key type: `OKP`, `EC` or `RSA`.
    pub kty: String,
    /// The curve: `Ed25519` of an `OKP` key, `P-256` of an `EC` key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The algorithm: `EdDSA`, `ES256`, `RS256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = true)]
    pub alg: Option<String>,
    /// What the key is for: `sig`.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = true)]
    pub key_use: Option<String>,
    /// The name under which tokens refer to it.
    pub kid: String,
    /// `OKP`: the 32 bytes of the public key. `EC`: the x coordinate, 32 bytes. Base64url without padding, as are all that follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// `EC`: the y coordinate, 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// `RSA`: the modulus, 256 to 1024 bytes, the most significant first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// `RSA`: the public exponent, the most significant byte first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
}

/// The keys of an issuer (RFC 7517 §5). Whoever fetches a foreign set bounds its length before it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JwkSet {
    /// The keys. On reading, entries that cannot be a key of a token (without `kty` or `kid`, members of another type) are left
    /// out, as RFC 7517 §5 asks.
    #[serde(deserialize_with = "keys_of_our_shape")]
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// The key named `kid`, compared exactly; the first, if a foreign set names several so.
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid == kid)
    }
}

fn keys_of_our_shape<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Jwk>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry {
        Ours(Box<Jwk>),
        Other(serde::de::IgnoredAny),
    }
    let entries = Vec::<Entry>::deserialize(deserializer)?;
    Ok(entries
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Ours(key) => Some(*key),
            Entry::Other(_) => None,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_of_other_shapes_are_left_out_of_a_set() {
        let set: JwkSet = serde_json::from_value(json!({ "keys": [
            { "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "rsa" },
            { "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" },
            { "kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": "AA", "x5c": [], "d": "private" },
            { "kty": "OKP", "crv": ["Ed25519"], "kid": "k2", "x": "AA" },
            7,
        ]}))
        .unwrap();
        assert_eq!(set.keys.iter().map(|key| key.kid.as_str()).collect::<Vec<_>>(), ["rsa", "k1"]);
        assert_eq!(set.find("k1").unwrap().alg, None);
        assert!(set.find("K1").is_none());
        assert!(!serde_json::to_string(&set).unwrap().contains("private"));
    }
}
