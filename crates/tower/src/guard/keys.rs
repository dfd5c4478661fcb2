use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};

/// Makes idempotency keys that no other check has, in this process or any other: a key that came back would let a request go on
/// with credits that another one paid.
///
/// So they are never made of the request's id, which the client may have chosen.
#[derive(Debug)]
pub(super) struct IdempotencyKeys {
    process: [u64; 2],
    next: AtomicU64,
}

impl IdempotencyKeys {
    pub(super) fn new() -> Self {
        // Seeded from the operating system's randomness.
        let random = || RandomState::new().build_hasher().finish();
        Self { process: [random(), random()], next: AtomicU64::new(0) }
    }

    pub(super) fn mint(&self) -> String {
        let [high, low] = self.process;
        format!("req-{high:016x}{low:016x}-{:x}", self.next.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_keys_are_the_same_also_of_two_processes() {
        let (one, two) = (IdempotencyKeys::new(), IdempotencyKeys::new());
        let keys = [one.mint(), one.mint(), two.mint(), two.mint()];
        let different: std::collections::HashSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len());
        assert!(keys.iter().all(|key| key.len() <= 255));
    }
}
