use std::collections::HashMap;
use std::sync::Arc;

use portcullis_jose::{JwkSet, VerifyingKey};
use portcullis_types::Timestamp;
use tokio::sync::Mutex;

use super::VerifyError;
use crate::{Client, ClientError};

/// For how long keys are used without being read again.
const FRESH_SECS: i64 = 60 * 60;
/// How soon one issuer's keys are read again for the sake of a key that was not among them.
const AGAIN_SECS: i64 = 30;
/// How soon after a failure.
const AFTER_FAILURE_SECS: i64 = 1;
/// How many issuers are kept: the server, and its service clients.
const ISSUERS: usize = 256;
/// How many keys of one issuer are kept.
const KEYS: usize = 100;
/// How often keys of issuers that are not kept may be read within [`AGAIN_SECS`]: tokens with made-up issuers must not make
/// this client flood the server.
const STRANGERS: u32 = 32;

/// The public keys of the server and of its service clients, as far as they were needed.
#[derive(Default)]
pub(crate) struct Keys {
    issuers: std::sync::Mutex<Issuers>,
}

#[derive(Default)]
struct Issuers {
    known: HashMap<String, Arc<Mutex<Known>>>,
    strangers: u32,
    strangers_since: Timestamp,
}

/// What is known of one issuer. Locked while its keys are read: a crowd with one key waits for one answer.
#[derive(Default)]
struct Known {
    keys: Vec<VerifyingKey>,
    read_at: Option<Timestamp>,
    tried_at: Option<Timestamp>,
}

impl Keys {
    /// The key `kid` of the issuer at `segments` below the base URL.
    pub(crate) async fn find(
        &self,
        client: &Client,
        segments: &[&str],
        kid: &str,
    ) -> Result<VerifyingKey, VerifyError> {
        let issuer = self.issuer(&segments.join("/"), client.now())?;
        let mut known = issuer.lock().await;
        let now = client.now();
        let found = known.keys.iter().find(|key| key.kid() == kid).cloned();
        let is_fresh = within(known.read_at, now, FRESH_SECS);
        if let (true, Some(key)) = (is_fresh, &found) {
            return Ok(key.clone());
        }
        let failed = known.tried_at > known.read_at;
        if failed && within(known.tried_at, now, AFTER_FAILURE_SECS) {
            return Err(unavailable(ClientError::Credential("the keys could not be read a moment ago")));
        }
        if is_fresh && within(known.tried_at, now, AGAIN_SECS) {
            return Err(VerifyError::UnknownKey);
        }
        known.tried_at = Some(now);
        known.keys = read(client, segments).await?;
        known.read_at = Some(now);
        known.keys.iter().find(|key| key.kid() == kid).cloned().ok_or(VerifyError::UnknownKey)
    }

    /// The place of an issuer, made if there is room for it.
    fn issuer(&self, name: &str, now: Timestamp) -> Result<Arc<Mutex<Known>>, VerifyError> {
        let mut issuers = self.issuers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = issuers.known.get(name) {
            return Ok(Arc::clone(known));
        }
        if !within(Some(issuers.strangers_since), now, AGAIN_SECS) {
            (issuers.strangers, issuers.strangers_since) = (0, now);
        }
        // The server itself is no stranger.
        if !name.is_empty() {
            if issuers.strangers >= STRANGERS {
                return Err(unavailable(ClientError::Credential("too many unknown issuers at once")));
            }
            issuers.strangers += 1;
        }
        if issuers.known.len() >= ISSUERS {
            issuers.drop_one();
        }
        let known = Arc::default();
        issuers.known.insert(name.to_owned(), Arc::clone(&known));
        Ok(known)
    }
}

impl Issuers {
    /// Makes room: an issuer without keys goes first, else whichever comes.
    fn drop_one(&mut self) {
        let is_empty = |known: &Arc<Mutex<Known>>| known.try_lock().is_ok_and(|known| known.keys.is_empty());
        let is_droppable = |(name, _): &(&String, &Arc<Mutex<Known>>)| !name.is_empty();
        let empty = self.known.iter().filter(is_droppable).find(|(_, known)| is_empty(known));
        let name = empty.or_else(|| self.known.iter().find(is_droppable)).map(|(name, _)| name.clone());
        if let Some(name) = name {
            self.known.remove(&name);
        }
    }
}

/// A clock that was set back makes everything old.
fn within(since: Option<Timestamp>, now: Timestamp, secs: i64) -> bool {
    since.is_some_and(|since| (0..secs).contains(&now.secs().saturating_sub(since.secs())))
}

fn unavailable(error: ClientError) -> VerifyError {
    VerifyError::VerificationUnavailable(error)
}

/// Reads an issuer's keys, without a bearer. Those that cannot be used are left out.
async fn read(client: &Client, segments: &[&str]) -> Result<Vec<VerifyingKey>, VerifyError> {
    let path = [segments, &[".well-known", "openid-configuration", "jwks"]].concat();
    match client.get(&path).anonymous().json::<JwkSet>().await {
        Ok(set) => {
            Ok(set.keys.iter().take(KEYS).filter_map(|key| VerifyingKey::from_jwk(key).ok()).collect())
        }
        // There is no such issuer, so it has no keys.
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(unavailable(error)),
    }
}
