use std::time::Duration;

/// When a call is sent again: on a connection that could not be made, and on 429, 502, 503 and 504.
///
/// Only calls that may be repeated without harm are: reads, `PUT` and `DELETE`, and whatever carries an idempotency key.
/// A connection that could not be made sent nothing, so there any call is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How often a call is sent again after the first time; 0 turns retries off.
    pub limit: u32,
    /// The longest pause before the first repetition; it doubles each time.
    pub first_pause: Duration,
    /// The longest pause of all, and the longest `Retry-After` that is waited for. A server that asks for more is not asked
    /// again: the error says when it may be.
    pub longest_pause: Duration,
}

impl Default for Retries {
    /// Twice, after up to 100 ms and 200 ms, waiting for at most 5 s.
    fn default() -> Self {
        Self { limit: 2, first_pause: Duration::from_millis(100), longest_pause: Duration::from_secs(5) }
    }
}

impl Retries {
    /// No call is sent again.
    pub const NEVER: Self = Self { limit: 0, first_pause: Duration::ZERO, longest_pause: Duration::ZERO };

    /// How long to wait before repetition `number` (from 0); `None` when there is none. `chance` spreads callers out: the
    /// pause is between half and the whole of what doubling gives, unless the server names a longer one.
    pub(crate) fn pause(&self, number: u32, retry_after: Option<Duration>, chance: u8) -> Option<Duration> {
        if number >= self.limit || retry_after.is_some_and(|asked| asked > self.longest_pause) {
            return None;
        }
        let doubled = self.first_pause.saturating_mul(1 << number.min(16)).min(self.longest_pause);
        let spread = doubled / 2 + doubled.mul_f64(f64::from(chance) / 510.0);
        Some(spread.max(retry_after.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRIES: Retries =
        Retries { limit: 3, first_pause: Duration::from_millis(100), longest_pause: Duration::from_secs(2) };

    #[test]
    fn pauses_double_and_are_spread_over_their_upper_half() {
        for (number, most) in [(0, 100), (1, 200), (2, 400)] {
            let pause = |chance| RETRIES.pause(number, None, chance).unwrap();
            assert_eq!(pause(0), Duration::from_millis(most / 2));
            assert_eq!(pause(255), Duration::from_millis(most));
        }
        assert_eq!(RETRIES.pause(3, None, 0), None);
        assert_eq!(Retries::NEVER.pause(0, None, 0), None);
        let long = Retries { limit: 40, ..RETRIES };
        assert_eq!(long.pause(39, None, 255), Some(long.longest_pause));
    }

    #[test]
    fn a_server_is_not_asked_again_before_it_wants_to_be() {
        let asked = |secs| RETRIES.pause(0, Some(Duration::from_secs(secs)), 0);
        assert_eq!(asked(1), Some(Duration::from_secs(1)));
        assert_eq!(asked(0), Some(Duration::from_millis(50)));
        assert_eq!(asked(3), None, "longer than anybody waits here");
    }
}
