use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{Extensions, StatusCode, header};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::{Quota, RateLimiter};
use portcullis_types::Clock;

use super::PeerAddress;
use super::address::Key;
use super::steady::Steady;
use super::store::BoundedStore;
use crate::ProblemResponse;

/// How often the keys of those who did not ask lately are forgotten.
const TIDY_NANOS: u64 = 60_000_000_000;
/// The same when every place is taken.
const TIDY_FULL_NANOS: u64 = 1_000_000_000;

/// How often one address may ask.
#[derive(Clone, Copy, Debug)]
pub struct RateLimitOptions {
    /// Requests a minute that an address may send without end.
    pub per_minute: NonZeroU32,
    /// How many of them it may send at once, after a while of silence. As many as a minute when absent.
    pub burst: Option<NonZeroU32>,
    /// How many addresses are counted on their own, each in about 50 bytes. When more ask within a minute, those that come last
    /// share one count.
    pub max_keys: usize,
}

impl RateLimitOptions {
    /// So many a minute, all of them at once if need be, for up to 100,000 addresses.
    pub const fn per_minute(per_minute: NonZeroU32) -> Self {
        Self { per_minute, burst: None, max_keys: 100_000 }
    }
}

/// Counts what each address asks, in memory, by the generic cell rate algorithm (GCRA): no window at whose border twice as
/// many pass. Clones count together.
///
/// An IPv4 address is counted on its own, IPv6 addresses by network of /64. Requests without an address share one count:
/// a listener that inserts none limits everybody together rather than nobody.
#[derive(Clone)]
pub struct RateLimit {
    inner: Arc<Inner>,
}

struct Inner {
    limiter: RateLimiter<Key, BoundedStore, Steady, NoOpMiddleware<Nanos>>,
    max_keys: usize,
    tidied: AtomicU64,
}

/// An address asked too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimited {
    /// After how many seconds, rounded up, it may ask again.
    pub retry_after_secs: u64,
}

impl RateLimit {
    /// Counts by this clock. It may be set back: then no time goes by.
    pub fn new(options: RateLimitOptions, clock: Arc<dyn Clock>) -> Self {
        let burst = options.burst.unwrap_or(options.per_minute);
        let quota = Quota::per_minute(options.per_minute).allow_burst(burst);
        let max_keys = options.max_keys.max(1);
        let limiter = RateLimiter::new(quota, BoundedStore::new(max_keys), Steady::new(clock));
        Self { inner: Arc::new(Inner { limiter, max_keys, tidied: AtomicU64::new(0) }) }
    }

    /// Counts one request from this address.
    ///
    /// # Errors
    /// [`RateLimited`] when it must wait; the refused request is not counted.
    pub fn charge(&self, address: Option<IpAddr>) -> Result<(), RateLimited> {
        let limiter = &self.inner.limiter;
        self.inner.tidy();
        limiter.check_key(&Key::of(address)).map_err(|refused| {
            let wait = refused.wait_time_from(limiter.clock().now());
            let rounded_up = u64::from(wait.subsec_nanos() > 0);
            RateLimited { retry_after_secs: wait.as_secs().saturating_add(rounded_up).max(1) }
        })
    }

    /// Counts one request with these extensions, by its [`PeerAddress`].
    ///
    /// # Errors
    /// [`RateLimited`] when its address must wait.
    pub fn charge_request(&self, extensions: &Extensions) -> Result<(), RateLimited> {
        self.charge(PeerAddress::of(extensions).map(|PeerAddress(address)| address.ip()))
    }

    /// How many addresses are counted now.
    pub fn len(&self) -> usize {
        self.inner.limiter.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.inner.limiter.is_empty()
    }
}

impl Inner {
    /// Forgets now and then who is as good as new.
    fn tidy(&self) {
        let now = self.limiter.clock().now().as_u64();
        let pause = if self.limiter.len() >= self.max_keys { TIDY_FULL_NANOS } else { TIDY_NANOS };
        let tidied = self.tidied.load(Ordering::Relaxed);
        let due = now.saturating_sub(tidied) >= pause;
        // Of several who come at the same time, one does it.
        if due && self.tidied.compare_exchange(tidied, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
    }
}

impl std::fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimit").field("keys", &self.len()).finish_non_exhaustive()
    }
}

/// 429 `RateLimited` with `Retry-After` in whole seconds (RFC 6585 §4, RFC 9110 §10.2.3).
impl From<RateLimited> for ProblemResponse {
    fn from(refused: RateLimited) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too many requests", "RateLimited")
            .with_detail("too many requests from this address; try again later")
            .with_header(header::RETRY_AFTER, refused.retry_after_secs.into())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use portcullis_types::Timestamp;

    use super::*;

    #[derive(Default)]
    struct Movable(AtomicI64);

    impl Movable {
        fn forward(&self, secs: i64) {
            self.0.fetch_add(secs * 1_000_000, Ordering::SeqCst);
        }
    }

    impl Clock for Movable {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0.load(Ordering::SeqCst))
        }
    }

    fn limit(per_minute: u32, max_keys: usize) -> (RateLimit, Arc<Movable>) {
        let clock = Arc::new(Movable::default());
        clock.forward(1_800_000_000);
        let per_minute = NonZeroU32::new(per_minute).unwrap();
        let options = RateLimitOptions { max_keys, ..RateLimitOptions::per_minute(per_minute) };
        (RateLimit::new(options, Arc::clone(&clock) as Arc<dyn Clock>), clock)
    }

    fn charge(limit: &RateLimit, address: &str) -> Result<(), u64> {
        limit.charge(Some(address.parse().unwrap())).map_err(|refused| refused.retry_after_secs)
    }

    #[test]
    fn each_address_has_a_minute_s_worth_and_then_one_every_two_seconds() {
        let (limit, clock) = limit(30, 100);
        for _ in 0..30 {
            assert_eq!(charge(&limit, "192.0.2.1"), Ok(()));
        }
        assert_eq!(charge(&limit, "192.0.2.1"), Err(2));
        assert_eq!(charge(&limit, "192.0.2.2"), Ok(()), "another address");
        clock.forward(1);
        assert_eq!(charge(&limit, "192.0.2.1"), Err(1));
        clock.forward(1);
        assert_eq!(charge(&limit, "192.0.2.1"), Ok(()));
        assert_eq!(charge(&limit, "192.0.2.1"), Err(2));
        clock.forward(60);
        assert_eq!((0..40).filter(|_| charge(&limit, "192.0.2.1").is_ok()).count(), 30);
    }

    #[test]
    fn a_burst_may_be_smaller() {
        let options = RateLimitOptions {
            burst: NonZeroU32::new(2),
            ..RateLimitOptions::per_minute(NonZeroU32::new(60).unwrap())
        };
        let limit = RateLimit::new(options, Arc::new(Movable::default()));
        assert_eq!((0..10).filter(|_| charge(&limit, "192.0.2.1").is_ok()).count(), 2);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (limit, clock) = limit(30, 100);
        clock.forward(-3_600);
        assert_eq!((0..40).filter(|_| charge(&limit, "192.0.2.1").is_ok()).count(), 30);
        clock.forward(2);
        assert_eq!(charge(&limit, "192.0.2.1"), Ok(()));
    }

    #[test]
    fn the_number_of_keys_is_bounded_and_those_without_a_place_share_one() {
        let (limit, clock) = limit(2, 10);
        for number in 0..1_000 {
            let _may = charge(&limit, &format!("10.0.{}.{}", number / 256, number % 256));
        }
        assert_eq!(limit.len(), 11);
        assert!(charge(&limit, "198.51.100.1").is_err(), "strangers share what is used up");
        assert_eq!(charge(&limit, "10.0.0.1"), Ok(()), "who was counted before is not held up");
        clock.forward(120);
        assert_eq!(charge(&limit, "198.51.100.1"), Ok(()));
        assert_eq!(limit.len(), 1, "who did not ask lately is forgotten");
    }

    #[test]
    fn without_an_address_all_share_one_count() {
        let (limit, _clock) = limit(3, 10);
        let extensions = Extensions::new();
        assert_eq!((0..9).filter(|_| limit.charge_request(&extensions).is_ok()).count(), 3);
    }

    #[test]
    fn parallel_requests_are_counted_exactly() {
        let (limit, _clock) = limit(30, 10);
        let passed: usize = std::thread::scope(|scope| {
            let ask = || (0..100).filter(|_| charge(&limit, "192.0.2.1").is_ok()).count();
            let threads: Vec<_> = (0..5).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(passed, 30);
    }
}
