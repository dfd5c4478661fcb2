use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use portcullis_tower::RateLimit;
use portcullis_types::{Clock, Timestamp, counted_address};

/// How many addresses are kept that must wait.
const CAPACITY: usize = 100_000;

/// Addresses from which clients failed to prove who they are. Only failures count: a client that does prove it is never slowed down, however
/// often it asks, unless somebody at its own address fails more often than `credential_rate_per_minute`. Then everybody at that
/// address waits until the next failure would be allowed, so that no guess is heard.
pub(crate) struct FailedClients {
    limit: RateLimit,
    clock: Arc<dyn Clock>,
    waiting: Mutex<HashMap<Option<IpAddr>, Timestamp>>,
}

impl FailedClients {
    pub(crate) fn new(limit: RateLimit, clock: Arc<dyn Clock>) -> Self {
        Self { limit, clock, waiting: Mutex::default() }
    }

    /// For how many seconds an address must wait, if it must.
    pub(crate) fn wait_of(&self, address: Option<IpAddr>) -> Option<u64> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let until = *waiting.get(&address.map(counted_address))?;
        let now = self.clock.now();
        if until <= now {
            waiting.remove(&address.map(counted_address));
            return None;
        }
        let micros = until.micros().saturating_sub(now.micros());
        Some(u64::try_from(micros).unwrap_or(0).div_ceil(1_000_000).max(1))
    }

    /// Counts a failure.
    pub(crate) fn count(&self, address: Option<IpAddr>) {
        let Err(refused) = self.limit.charge(address) else { return };
        let now = self.clock.now();
        let until = now.plus_secs(i64::try_from(refused.retry_after_secs).unwrap_or(i64::MAX));
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= CAPACITY {
            waiting.retain(|_, until| *until > now);
        }
        if waiting.len() < CAPACITY {
            waiting.insert(address.map(counted_address), until);
        }
    }
}
