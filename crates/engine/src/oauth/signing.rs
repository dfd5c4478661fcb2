use portcullis_jose::Algorithm;
use portcullis_types::application::SigningAlgorithm;
use serde::Serialize;

use crate::{Cx, Portcullis, Result, key};

/// The algorithm of an application's tokens, as keys have it.
pub(super) fn algorithm(signing: SigningAlgorithm) -> Algorithm {
    match signing {
        SigningAlgorithm::EdDsa => Algorithm::EdDsa,
        SigningAlgorithm::Rs256 => Algorithm::Rs256,
        SigningAlgorithm::Es256 => Algorithm::Es256,
    }
}

/// Whether there is a key of an algorithm: see [`ready`].
pub(crate) fn is_ready(portcullis: &Portcullis, signing: SigningAlgorithm) -> bool {
    portcullis.inner.keys.load().has(algorithm(signing))
}

/// Makes the first key of an algorithm, if there is none yet. Whoever stores an application does so before, outside of the transaction: a
/// relying party that reads the published keys once, when it starts, must find the one that its tokens will name.
///
/// # Errors
/// As [`key::ensure`].
pub(crate) async fn ready(portcullis: &Portcullis, cx: &Cx, signing: SigningAlgorithm) -> Result<()> {
    key::ensure(portcullis, cx, algorithm(signing)).await
}

/// Signs with the key that is active for the application's algorithm: see [`ready`].
pub(super) fn sign(
    portcullis: &Portcullis,
    signing: SigningAlgorithm,
    typ: &str,
    claims: &impl Serialize,
) -> Result<String> {
    portcullis.sign(algorithm(signing), typ, claims)
}
