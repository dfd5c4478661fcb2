use std::fmt;

/// A signature algorithm, as a property of a key. A token's header only repeats it (RFC 8725 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// Ed25519, under its JOSE name `EdDSA` (RFC 8037 §3.1). Clients refuse the newer name `Ed25519`
    /// (spec `authress-api.md` §6).
    EdDsa,
}

impl Algorithm {
    /// The value of `alg` in headers and JWKs (RFC 7518 §3.1, RFC 8037 §3.1).
    pub const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
