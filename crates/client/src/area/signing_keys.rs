use portcullis_types::key::{KeyCollection, KeySummary, RotateKeyBody};

use super::area;
use crate::Result;

area! {
    /// The keys that sign the server's tokens (`/v1/keys`). Portcullis only.
    SigningKeys
}

impl SigningKeys<'_> {
    /// The signing keys, the oldest first: a handful.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn list(&self) -> Result<Vec<KeySummary>> {
        let keys: KeyCollection = self.client.get(&["v1", "keys"]).json().await?;
        Ok(keys.keys)
    }

    /// Begins to replace the signing key of an algorithm: the new one is published at once, and signs later.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError); 409 while a key of the algorithm is next already.
    pub async fn rotate(&self, what: &RotateKeyBody) -> Result<KeySummary> {
        self.client.post(&["v1", "keys"]).body(what).json().await
    }

    /// Drops a signing key at once, and with it every token that it signed.
    ///
    /// # Errors
    /// Every [`ClientError`](crate::ClientError).
    pub async fn revoke(&self, key_id: &str) -> Result<()> {
        self.client.delete(&["v1", "keys", key_id]).done().await
    }
}
