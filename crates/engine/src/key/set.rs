use portcullis_jose::{Algorithm, Jwk, JwkSet, MasterKey, SigningKey, VerifyingKey};
use portcullis_store::{SigningKeyRow, SigningKeyState, Store};
use portcullis_types::Timestamp;
use serde::Serialize;

use super::make::seal_context;
use crate::{Error, Portcullis, Result};

/// The signing keys of this installation, unsealed.
pub(crate) struct SigningKeys {
    /// At most one an algorithm.
    active: Vec<SigningKey>,
    published: Vec<VerifyingKey>,
    /// When the next key begins to sign, or the first retired one goes.
    due_at: Option<Timestamp>,
}

impl SigningKeys {
    /// Reads and unseals them.
    ///
    /// # Errors
    /// [`Error::Internal`] when the master key does not open one, and without an active EdDSA key, which every installation has.
    pub(crate) async fn load(store: &dyn Store, master_key: &MasterKey) -> Result<Self> {
        let rows = store.read().await?.queries().signing_keys().await?;
        let mut keys = Self { active: Vec::new(), published: Vec::new(), due_at: None };
        for row in &rows {
            let Some(algorithm) = Algorithm::of_name(&row.algorithm) else {
                tracing::warn!(
                    kid = row.kid,
                    algorithm = row.algorithm,
                    "a signing key that only a newer program knows"
                );
                continue;
            };
            let due_at = row.activates_at.or(row.expires_at);
            keys.due_at = [keys.due_at, due_at].into_iter().flatten().min();
            let key = unseal(row, algorithm, master_key)?;
            keys.published.push(key.verifying().clone());
            if row.state == SigningKeyState::Active {
                keys.active.push(key);
            }
        }
        keys.active(Algorithm::EdDsa)?;
        Ok(keys)
    }

    /// The key that signs with `algorithm`.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is none yet: [`ensure`](super::ensure()) makes it.
    pub(crate) fn active(&self, algorithm: Algorithm) -> Result<&SigningKey> {
        self.signer(algorithm)
            .ok_or_else(|| Error::internal(format!("the database holds no active {algorithm} signing key")))
    }

    /// Whether something signs with `algorithm`.
    pub(crate) fn has(&self, algorithm: Algorithm) -> bool {
        self.signer(algorithm).is_some()
    }

    fn signer(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.active.iter().find(|key| key.verifying().algorithm() == algorithm)
    }

    /// The key that verifies tokens which name `kid`.
    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.published.iter().find(|key| key.kid() == kid)
    }

    /// When the next step of a rotation is due.
    pub(super) const fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }

    pub(crate) fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.published.iter().map(VerifyingKey::jwk).collect::<Vec<Jwk>>() }
    }
}

impl Portcullis {
    /// Signs `claims` as a token of kind `typ` with the active key of `algorithm`.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is no such key yet, and for claims that are no object or too long.
    pub(crate) fn sign(&self, algorithm: Algorithm, typ: &str, claims: &impl Serialize) -> Result<String> {
        Ok(self.inner.keys.load().active(algorithm)?.sign(typ, claims)?)
    }
}

fn unseal(row: &SigningKeyRow, algorithm: Algorithm, master_key: &MasterKey) -> Result<SigningKey> {
    let private = master_key
        .open(&seal_context(&row.kid), &row.sealed)
        .map_err(|source| Error::internal(WrongMasterKey { kid: row.kid.clone(), source }))?;
    Ok(SigningKey::from_private_bytes(algorithm, row.kid.clone(), &private)?)
}

/// The master key of this node is not the one that the installation's keys were sealed under.
#[derive(Debug, thiserror::Error)]
#[error(
    "this node's master key does not open signing key {kid}: copy the file master.key of the data folder of the node that \
     created the database, or set PORTCULLIS_MASTER_KEY"
)]
struct WrongMasterKey {
    kid: String,
    source: portcullis_jose::SealError,
}
