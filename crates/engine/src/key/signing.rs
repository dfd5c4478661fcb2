use portcullis_jose::{Jwk, JwkSet, MasterKey, SigningKey, VerifyingKey};
use portcullis_store::{SigningKeyRow, SigningKeyState, Store};
use portcullis_types::{Clock, Rng};

use crate::{Error, Result};

/// What a signing key is sealed with besides the master key, so that a sealed key cannot pass for another.
fn seal_context(kid: &str) -> Vec<u8> {
    format!("portcullis signing key {kid}").into_bytes()
}

/// The signing keys of this installation, unsealed.
pub(crate) struct SigningKeys {
    active: SigningKey,
    published: Vec<VerifyingKey>,
}

impl SigningKeys {
    pub(crate) async fn load(store: &dyn Store, master_key: &MasterKey) -> Result<Self> {
        let rows = store.read().await?.queries().signing_keys().await?;
        let mut active: Option<SigningKey> = None;
        let mut published = Vec::new();
        for row in rows {
            if row.state == SigningKeyState::Retired {
                continue;
            }
            let seed = master_key
                .open(&seal_context(&row.kid), &row.sealed)
                .map_err(|source| WrongMasterKey { kid: row.kid.clone(), source });
            let key = SigningKey::from_seed(row.kid.clone(), &seed.map_err(Error::internal)?)?;
            published.push(key.verifying().clone());
            if row.state == SigningKeyState::Active {
                active = Some(key);
            }
        }
        let active = active.ok_or_else(|| Error::internal("the database holds no active signing key"))?;
        Ok(Self { active, published })
    }

    pub(crate) fn active(&self) -> &SigningKey {
        &self.active
    }

    pub(crate) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.published.iter().find(|key| key.kid() == kid)
    }

    pub(crate) fn jwks(&self) -> JwkSet {
        JwkSet { keys: self.published.iter().map(VerifyingKey::jwk).collect::<Vec<Jwk>>() }
    }
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

/// A new active signing key, sealed.
pub(crate) fn new_signing_key(
    master_key: &MasterKey,
    clock: &dyn Clock,
    rng: &dyn Rng,
) -> Result<SigningKeyRow> {
    let kid = portcullis_types::mint("key_", clock, rng)?;
    let key = SigningKey::generate(kid.clone(), rng)?;
    Ok(SigningKeyRow {
        algorithm: key.verifying().algorithm().name().to_owned(),
        state: SigningKeyState::Active,
        sealed: master_key.seal(&seal_context(&kid), key.seed().expose(), rng)?,
        public: key.verifying().public_bytes().to_vec(),
        created_at: clock.now(),
        retired_at: None,
        kid,
    })
}
