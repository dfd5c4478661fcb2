use portcullis_jose::{Algorithm, MasterKey, SigningKey};
use portcullis_store::{SigningKeyRow, SigningKeyState};
use portcullis_types::{Clock, Rng};

use crate::{Portcullis, Result};

/// What a signing key is sealed with besides the master key, so that a sealed key cannot pass for another.
pub(super) fn seal_context(kid: &str) -> Vec<u8> {
    format!("portcullis signing key {kid}").into_bytes()
}

/// A new active signing key, sealed.
pub(crate) fn new_signing_key(
    algorithm: Algorithm,
    master_key: &MasterKey,
    clock: &dyn Clock,
    rng: &dyn Rng,
) -> Result<SigningKeyRow> {
    let kid = portcullis_types::mint("key_", clock, rng)?;
    let key = SigningKey::generate_for(algorithm, kid.clone(), rng)?;
    Ok(SigningKeyRow {
        algorithm: algorithm.name().to_owned(),
        state: SigningKeyState::Active,
        sealed: master_key.seal(&seal_context(&kid), key.private_bytes().expose(), rng)?,
        public: key.verifying().public_bytes().to_vec(),
        created_at: clock.now(),
        activates_at: None,
        retired_at: None,
        expires_at: None,
        kid,
    })
}

impl Portcullis {
    /// The same beside the threads that answer requests: an RSA key takes long to find.
    pub(super) async fn new_signing_key(&self, algorithm: Algorithm) -> Result<SigningKeyRow> {
        let settings = self.inner.settings.clone();
        tokio::task::spawn_blocking(move || {
            new_signing_key(algorithm, &settings.master_key, &*settings.clock, &*settings.rng)
        })
        .await?
    }
}
