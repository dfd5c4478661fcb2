use std::sync::{Arc, Mutex, PoisonError};

use governor::nanos::Nanos;
use portcullis_types::{Clock, Timestamp};

/// The most that one look at the clock can add: more changes nothing for any limit, and would overflow one day.
const LARGEST_STEP_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// How much time went by, by a clock that people may set: when it is set back, no time goes by, instead of everybody waiting until
/// it is where it was.
pub(super) struct Steady {
    clock: Arc<dyn Clock>,
    passed: Mutex<Passed>,
}

struct Passed {
    looked: Timestamp,
    nanos: u64,
}

impl Steady {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let passed = Mutex::new(Passed { looked: clock.now(), nanos: 0 });
        Self { clock, passed }
    }
}

impl governor::clock::Clock for Steady {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        let step = now.micros().saturating_sub(passed.looked.micros()).clamp(0, LARGEST_STEP_MICROS);
        passed.looked = now;
        passed.nanos =
            passed.nanos.saturating_add(u64::try_from(step).unwrap_or_default().saturating_mul(1_000));
        Nanos::new(passed.nanos)
    }
}
