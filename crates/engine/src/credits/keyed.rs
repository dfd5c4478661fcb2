use portcullis_domain::credits::checked_key;
use portcullis_jose::Digest;
use portcullis_store::Queries;
use portcullis_types::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// An idempotency key with what was asked under it. Without a key every request is a new one.
pub(super) struct Keyed {
    key: Option<String>,
    request_hash: [u8; 32],
}

impl Keyed {
    /// `request` is everything that the answer depends on, the verb included.
    pub(super) fn new(key: Option<&str>, request: &impl Serialize) -> Result<Self> {
        checked_key(key)?;
        let request = serde_json::to_vec(request).map_err(Error::internal)?;
        Ok(Self { key: key.map(str::to_owned), request_hash: *Digest::of(&request).as_bytes() })
    }

    /// What was answered before under the key, in a wallet that is locked.
    pub(super) async fn answered<T: DeserializeOwned>(
        &self,
        queries: &mut dyn Queries,
        wallet: i64,
    ) -> Result<Option<T>> {
        let Some(key) = &self.key else { return Ok(None) };
        match queries.kept_answer(wallet, key).await? {
            None => Ok(None),
            Some((hash, _)) if hash != self.request_hash => Err(Error::IdempotencyConflict),
            Some((_, answer)) => serde_json::from_str(&answer).map(Some).map_err(Error::internal),
        }
    }

    /// Keeps the answer with what it answers for. Refusals are not kept: the same key may succeed later.
    pub(super) async fn keep(
        &self,
        queries: &mut dyn Queries,
        wallet: i64,
        answer: &impl Serialize,
        now: Timestamp,
    ) -> Result<()> {
        let Some(key) = &self.key else { return Ok(()) };
        let answer = serde_json::to_string(answer).map_err(Error::internal)?;
        if queries.keep_answer((wallet, key), &self.request_hash, &answer, now).await? {
            Ok(())
        } else {
            Err(Error::internal("an answer was kept beside the lock of its wallet"))
        }
    }
}
