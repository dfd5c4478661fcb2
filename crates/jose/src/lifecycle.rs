//! How old is a token, how long is it good for, and is it time for a new one? (Spec `app-auth.md` §1.3.) Asked of verified
//! [`Claims`] only.

use portcullis_types::Timestamp;

use crate::Claims;

/// When a token that is still good should be exchanged for a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshPolicy {
    /// When at most so many seconds are left.
    SecsLeft(u32),
    /// When at most so many hundredths of its whole life (from `iat` to `exp`) are left; above 100 counts as 100. A token
    /// without `iat` has no known life, and is to be refreshed at once.
    PercentLeft(u8),
}

impl Default for RefreshPolicy {
    /// A fifth of its life.
    fn default() -> Self {
        Self::PercentLeft(20)
    }
}

impl Claims {
    /// How many microseconds are left until `exp`; negative once it has passed.
    pub fn micros_until_expiry(&self, now: Timestamp) -> i64 {
        self.expires_at().micros().saturating_sub(now.micros())
    }

    /// How many whole seconds are left until `exp`, rounded down: 0 in the last second and at `exp` itself, negative after it.
    /// Whether the token is good, [`Claims::is_expired`] says.
    pub fn secs_until_expiry(&self, now: Timestamp) -> i64 {
        self.micros_until_expiry(now).div_euclid(1_000_000)
    }

    /// Whether `exp` has come: a token is good before this instant, not at it (RFC 7519 §4.1.4).
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.micros_until_expiry(now) <= 0
    }

    /// Whether at most `secs` seconds are left. True of a token that has expired.
    pub fn expires_within(&self, secs: u32, now: Timestamp) -> bool {
        self.micros_until_expiry(now) <= i64::from(secs).saturating_mul(1_000_000)
    }

    /// How many whole seconds ago it was issued, rounded down; negative when its `iat` is ahead of `now`. `None` without `iat`.
    pub fn age_secs(&self, now: Timestamp) -> Option<i64> {
        self.issued_at().map(|at| now.micros().saturating_sub(at.micros()).div_euclid(1_000_000))
    }

    /// From `iat` to `exp`, in whole seconds. `None` without `iat`.
    pub fn lifetime_secs(&self) -> Option<i64> {
        let micros = |issued: Timestamp| self.expires_at().micros().saturating_sub(issued.micros());
        self.issued_at().map(|issued| micros(issued).div_euclid(1_000_000))
    }

    /// Whether it is time for a new token. True of one that has expired.
    pub fn should_refresh(&self, policy: RefreshPolicy, now: Timestamp) -> bool {
        let left = self.micros_until_expiry(now);
        match (policy, self.issued_at()) {
            _ if left <= 0 => true,
            (RefreshPolicy::SecsLeft(secs), _) => self.expires_within(secs, now),
            (RefreshPolicy::PercentLeft(_), None) => true,
            (RefreshPolicy::PercentLeft(percent), Some(issued)) => {
                let life = i128::from(self.expires_at().micros()) - i128::from(issued.micros());
                i128::from(left) * 100 <= life * i128::from(percent.min(100))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;

    /// Issued at 1000, good until 1900.
    fn claims() -> Claims {
        of(json!({ "iss": "i", "sub": "s", "iat": 1000, "exp": 1900 }))
    }

    fn of(claims: Value) -> Claims {
        let payload: Map<String, Value> = claims.as_object().cloned().unwrap();
        Claims::check("k1", payload, at(1000), 0, 0).unwrap()
    }

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn just_before(secs: i64) -> Timestamp {
        Timestamp::from_micros(secs * 1_000_000 - 1)
    }

    #[test]
    fn a_token_is_good_before_its_exp_and_not_at_it() {
        assert!(!claims().is_expired(just_before(1900)));
        assert!(claims().is_expired(at(1900)));
        assert_eq!(claims().secs_until_expiry(at(1000)), 900);
        assert_eq!(claims().secs_until_expiry(just_before(1900)), 0);
        assert_eq!(claims().secs_until_expiry(at(1901)), -1);
        assert_eq!(claims().micros_until_expiry(just_before(1900)), 1);
    }

    #[test]
    fn it_expires_within_a_span_from_exactly_that_span_before_its_exp() {
        assert!(!claims().expires_within(90, just_before(1810)));
        assert!(claims().expires_within(90, at(1810)) && claims().expires_within(90, at(5000)));
        assert!(!claims().expires_within(0, just_before(1900)) && claims().expires_within(0, at(1900)));
    }

    #[test]
    fn its_age_is_counted_from_iat() {
        assert_eq!(claims().age_secs(at(1000)), Some(0));
        assert_eq!(claims().age_secs(at(1060)), Some(60));
        assert_eq!(claims().age_secs(just_before(1000)), Some(-1));
        assert_eq!(claims().lifetime_secs(), Some(900));
        let timeless = of(json!({ "iss": "i", "sub": "s", "exp": 1900 }));
        assert_eq!((timeless.age_secs(at(1000)), timeless.lifetime_secs()), (None, None));
    }

    #[test]
    fn it_is_time_for_a_new_one_when_the_policy_s_part_is_left() {
        let fifth = RefreshPolicy::default();
        assert!(!claims().should_refresh(fifth, just_before(1720)));
        assert!(claims().should_refresh(fifth, at(1720)) && claims().should_refresh(fifth, at(9999)));
        assert!(!claims().should_refresh(RefreshPolicy::SecsLeft(60), just_before(1840)));
        assert!(claims().should_refresh(RefreshPolicy::SecsLeft(60), at(1840)));
        assert!(claims().should_refresh(RefreshPolicy::PercentLeft(255), at(1000)));
        assert!(!claims().should_refresh(RefreshPolicy::PercentLeft(0), just_before(1900)));
        let timeless = of(json!({ "iss": "i", "sub": "s", "exp": 1900 }));
        assert!(timeless.should_refresh(fifth, at(1000)));
        assert!(!timeless.should_refresh(RefreshPolicy::SecsLeft(60), at(1000)));
    }

    #[test]
    fn extreme_times_overflow_nothing() {
        for now in [i64::MIN, i64::MAX] {
            let now = Timestamp::from_micros(now);
            assert_eq!(claims().is_expired(now), now.micros() > 0);
            assert_eq!(claims().should_refresh(RefreshPolicy::SecsLeft(u32::MAX), now), now.micros() > 0);
            assert!(claims().age_secs(now).is_some());
        }
    }
}
