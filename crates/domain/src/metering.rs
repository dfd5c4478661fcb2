//! Periods of metered features: where they begin, and what goes from one into the next (spec `guard-request.md` §4).

use portcullis_types::Timestamp;
use portcullis_types::plan::{LimitKind, MeteredFeature, Recurrence};

use crate::MAX_UNITS;

/// One period of a metered feature: from `start`, up to but without `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Which one since the anchor, from 0.
    pub index: i32,
    /// Its first instant.
    pub start: Timestamp,
    /// The first instant of the next one.
    pub end: Timestamp,
}

const DAY: i64 = 24 * 60 * 60;

/// The `index`-th period's first instant. Counted from the anchor and never from the period before, so that the 31st comes back after
/// a February.
fn start_of(anchor: Timestamp, recurrence: Recurrence, index: i32) -> Option<Timestamp> {
    match recurrence {
        Recurrence::Daily => {
            let at = anchor.plus_secs(i64::from(index).checked_mul(DAY)?);
            // Beyond the calendar nothing begins.
            at.plus_months(0)
        }
        Recurrence::Monthly => anchor.plus_months(index),
        Recurrence::Yearly => anchor.plus_months(index.checked_mul(12)?),
    }
}

/// The period that `now` is in. `None` before the anchor and beyond the calendar.
pub fn period_at(anchor: Timestamp, recurrence: Recurrence, now: Timestamp) -> Option<Period> {
    if now < anchor {
        return None;
    }
    let estimate = match recurrence {
        Recurrence::Daily => {
            let micros = now.micros().checked_sub(anchor.micros())?;
            i32::try_from(micros.div_euclid(DAY * 1_000_000)).ok()?
        }
        Recurrence::Monthly => anchor.calendar_months_until(now)?,
        Recurrence::Yearly => anchor.calendar_months_until(now)?.div_euclid(12),
    };
    // By year and month alone it may be one too far, never too few.
    let index =
        if start_of(anchor, recurrence, estimate)? > now { estimate.checked_sub(1)? } else { estimate };
    Some(Period {
        index,
        start: start_of(anchor, recurrence, index)?,
        end: start_of(anchor, recurrence, index.checked_add(1)?)?,
    })
}

/// What came into a period and was used in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// What came over from the period before.
    pub carried: i64,
    /// What was used.
    pub used: i64,
}

impl Counter {
    /// What there is in all.
    pub fn total(&self, metered: &MeteredFeature) -> i64 {
        metered.allowance.saturating_add(self.carried)
    }

    /// What is left, never below 0.
    pub fn balance(&self, metered: &MeteredFeature) -> i64 {
        self.total(metered).saturating_sub(self.used).max(0)
    }

    /// What was used beyond all that there was.
    pub fn overage(&self, metered: &MeteredFeature) -> i64 {
        self.used.saturating_sub(self.total(metered)).max(0)
    }

    /// The most that `used` may become.
    pub fn bound(&self, metered: &MeteredFeature) -> i64 {
        match metered.limit {
            LimitKind::Hard => self.total(metered),
            LimitKind::Soft => i64::MAX,
        }
    }

    /// The counter of the period that begins `periods` later, nothing having been used between.
    #[must_use]
    pub fn after(self, metered: &MeteredFeature, periods: i32) -> Self {
        let mut counter = self;
        for _ in 0..periods.max(0) {
            let carried = carry(metered, counter.balance(metered));
            let next = Self { carried, used: 0 };
            if next == counter {
                break;
            }
            counter = next;
        }
        counter
    }
}

fn carry(metered: &MeteredFeature, left: i64) -> i64 {
    metered.rollover.map_or(0, |rollover| left.max(rollover.min).min(rollover.max).clamp(0, MAX_UNITS))
}

#[cfg(test)]
mod tests {
    use portcullis_types::plan::Rollover;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_with_precision(text).unwrap().0
    }

    #[test]
    fn periods_are_anchored_to_the_start_and_meet_without_a_gap() {
        let anchor = at("2024-01-31T10:00:00Z");
        for (recurrence, now, index, start) in [
            (Recurrence::Monthly, "2024-01-31T10:00:00Z", 0, "2024-01-31T10:00:00Z"),
            (Recurrence::Monthly, "2024-02-29T09:59:59.999999Z", 0, "2024-01-31T10:00:00Z"),
            (Recurrence::Monthly, "2024-02-29T10:00:00Z", 1, "2024-02-29T10:00:00Z"),
            (Recurrence::Monthly, "2024-03-31T09:00:00Z", 1, "2024-02-29T10:00:00Z"),
            (Recurrence::Monthly, "2024-03-31T10:00:00Z", 2, "2024-03-31T10:00:00Z"),
            (Recurrence::Daily, "2024-02-02T11:00:00Z", 2, "2024-02-02T10:00:00Z"),
            (Recurrence::Yearly, "2025-01-31T09:59:59Z", 0, "2024-01-31T10:00:00Z"),
            (Recurrence::Yearly, "2026-05-01T00:00:00Z", 2, "2026-01-31T10:00:00Z"),
        ] {
            let period = period_at(anchor, recurrence, at(now)).unwrap();
            assert_eq!((period.index, period.start), (index, at(start)), "{recurrence:?} {now}");
            assert!(period.start <= at(now) && at(now) < period.end);
            assert_eq!(period_at(anchor, recurrence, period.end).unwrap().start, period.end);
        }
        assert_eq!(period_at(anchor, Recurrence::Daily, anchor.plus_secs(-1)), None);
        assert_eq!(period_at(anchor, Recurrence::Yearly, Timestamp::from_micros(i64::MAX)), None);
    }

    #[test]
    fn a_leap_day_comes_back_after_four_years() {
        let anchor = at("2024-02-29T00:00:00Z");
        assert_eq!(
            period_at(anchor, Recurrence::Yearly, at("2025-03-01T00:00:00Z")).unwrap().start,
            at("2025-02-28T00:00:00Z")
        );
        assert_eq!(period_at(anchor, Recurrence::Yearly, at("2028-02-28T23:00:00Z")).unwrap().index, 3);
        assert_eq!(
            period_at(anchor, Recurrence::Yearly, at("2028-02-29T00:00:00Z")).unwrap().start,
            at("2028-02-29T00:00:00Z")
        );
    }

    fn metered(rollover: Option<Rollover>, limit: LimitKind) -> MeteredFeature {
        MeteredFeature { allowance: 100, period: None, limit, rollover }
    }

    #[test]
    fn what_is_left_is_carried_over_within_its_bounds() {
        let used = |used| Counter { carried: 0, used };
        let none = metered(None, LimitKind::Hard);
        assert_eq!(used(30).after(&none, 1), Counter::default());
        let some = metered(Some(Rollover { min: 5, max: 50 }), LimitKind::Hard);
        for (before, carried) in [(30, 50), (60, 40), (98, 5), (100, 5), (250, 5)] {
            assert_eq!(used(before).after(&some, 1).carried, carried, "{before}");
        }
        assert_eq!(used(100).after(&some, 0), used(100));
        assert_eq!(used(100).after(&some, 2).carried, 50, "an unused period carries its own over");
        assert_eq!(used(100).after(&some, i32::MAX).carried, 50, "ends at once");
        let all = metered(Some(Rollover { min: 0, max: MAX_UNITS }), LimitKind::Hard);
        assert_eq!(used(90).after(&all, 3).carried, 210);
    }

    #[test]
    fn a_hard_limit_bounds_and_a_soft_one_counts_what_is_over() {
        let counter = Counter { carried: 10, used: 120 };
        let (hard, soft) = (metered(None, LimitKind::Hard), metered(None, LimitKind::Soft));
        assert_eq!((counter.bound(&hard), counter.balance(&hard), counter.overage(&hard)), (110, 0, 10));
        assert_eq!((counter.bound(&soft), counter.balance(&soft), counter.overage(&soft)), (i64::MAX, 0, 10));
    }
}
