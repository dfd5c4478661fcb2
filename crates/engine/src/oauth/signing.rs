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

/// Makes the first key of an algorithm, if there is none yet.
pub(super) async fn ready(portcullis: &Portcullis, signing: SigningAlgorithm) -> Result<()> {
    key::ensure(portcullis, &Cx::nobody(None), algorithm(signing)).await
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
