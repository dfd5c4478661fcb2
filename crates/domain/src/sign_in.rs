use portcullis_types::Timestamp;

/// How many wrong passwords are taken before an account is locked, and for how long (spec `security-requirements.md` AU-07).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockPolicy {
    threshold: i64,
    lock_secs: i64,
}

/// The longest lock before [`LockPolicy::MOST_FAILURES`]: locks double, and an attacker must not turn that against the account's owner.
const LONGEST_SECS: i64 = 24 * 60 * 60;
/// After how long without a decision an attempt counts as failed: whoever made it has crashed, or its database was away.
const UNDECIDED_SECS: i64 = 60;

impl LockPolicy {
    /// Locks for `lock_secs` (1 second to a day) after every `threshold` (1 to 100) failures in a row; what is outside becomes
    /// the nearest bound.
    pub fn new(threshold: u32, lock_secs: i64) -> Self {
        Self {
            threshold: i64::from(threshold).clamp(1, LockPolicy::MOST_FAILURES),
            lock_secs: lock_secs.clamp(1, LONGEST_SECS),
        }
    }

    /// The most wrong passwords in a row that are ever taken (NIST SP 800-63B-4 §3.2.2). Whoever has had so many is locked until
    /// another password is set: an attempt after the lock begins it anew, and their counter is never forgotten.
    pub const MOST_FAILURES: i64 = 100;

    /// For how long other counters are kept after the last attempt: 30 days for each failure in a row. It is also the lock after
    /// the hundredth failure.
    ///
    /// NIST SP 800-63B-4 §3.2.2 counts consecutive failures without an end, which a counter of whoever has an account could. But
    /// there is a counter for every address, whether or not anybody has it (AU-09), and one rule for both: to keep one kind and to
    /// forget the other would tell them apart. So counters cost their maker something, and end:
    ///
    /// - **Guesses.** After `n` failures the counter is forgotten after `n` times 30 quiet days: whoever stays below the hundred gets
    ///   `n` guesses for that, in the long run one in 30 days for an account, and 99 to begin with.
    /// - **Rows.** A row of `n` failures cost `n` computed passwords and lives for `n` times 30 days. So there are never more rows
    ///   than passwords were computed in 30 days, the same as if each failure were kept for 30 days by itself.
    pub const KEPT_SECS: i64 = 30 * 24 * 60 * 60;

    /// The lock after so many failures in a row: each one twice as long as the one before, up to a day.
    fn secs_after(self, failed: i64) -> i64 {
        if failed >= LockPolicy::MOST_FAILURES {
            return Self::KEPT_SECS;
        }
        let before = failed.div_euclid(self.threshold).saturating_sub(1).clamp(0, 20);
        let doubled = u32::try_from(before).ok().and_then(|times| self.lock_secs.checked_shl(times));
        doubled.unwrap_or(LONGEST_SECS).min(LONGEST_SECS)
    }

    /// How many more failures there may be before the next lock.
    fn room(self, failed: i64) -> i64 {
        let until_lock = self.threshold.saturating_sub(failed.rem_euclid(self.threshold));
        until_lock.min(LockPolicy::MOST_FAILURES.saturating_sub(failed)).max(0)
    }
}

impl Default for LockPolicy {
    /// 900 seconds after 10 failures.
    fn default() -> Self {
        Self::new(10, 900)
    }
}

/// The attempts to sign in with one identifier, whether or not anybody has it.
///
/// An attempt is **admitted** before its password is looked at, and **decided** afterwards. Undecided ones take room as if they
/// had failed, so that of any number of parallel wrong passwords no more are looked at than may fail in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// Grows with every success: a decision about an attempt of an earlier round counts nothing.
    pub round: i64,
    /// Failures in a row.
    pub failed: i64,
    /// Admitted and not decided.
    pub undecided: i64,
    /// Until when nothing is admitted.
    pub locked_until: Option<Timestamp>,
    /// When the last one was admitted.
    pub last_at: Timestamp,
}

/// Whether an attempt may be made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may, and must be decided: [`Attempts::fail`], [`Attempts::withdraw`] or [`Attempts::succeed`].
    Admitted,
    /// Only when the attempts that are under way are decided; ask again.
    Wait,
    /// Not before this instant, not even with the right password.
    Locked {
        /// The end of the lock.
        until: Timestamp,
    },
}

impl Attempts {
    /// None yet.
    pub const fn none(now: Timestamp) -> Self {
        Self { round: 0, failed: 0, undecided: 0, locked_until: None, last_at: now }
    }

    /// Until when nothing is admitted, if that is later than `now`.
    pub fn locked(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| *until > now)
    }

    /// Asks for an attempt.
    pub fn admit(&mut self, now: Timestamp, policy: LockPolicy) -> Admission {
        if self.undecided > 0 && now >= self.last_at.plus_secs(UNDECIDED_SECS) {
            for _ in 0..std::mem::take(&mut self.undecided) {
                self.count_failure(now, policy);
            }
        }
        if let Some(until) = self.locked(now) {
            return Admission::Locked { until };
        }
        let room = policy.room(self.failed);
        if room == 0 {
            // A hundred failures, and the lock has passed: it begins anew until somebody sets another password.
            let until = now.plus_secs(LockPolicy::KEPT_SECS);
            self.locked_until = Some(until);
            return Admission::Locked { until };
        }
        if self.undecided >= room {
            return Admission::Wait;
        }
        self.undecided = self.undecided.saturating_add(1);
        self.last_at = now;
        Admission::Admitted
    }

    /// The attempt of that round was made with a wrong password.
    pub fn fail(&mut self, round: i64, now: Timestamp, policy: LockPolicy) {
        if self.decide(round) {
            self.count_failure(now, policy);
        }
    }

    /// The attempt of that round counts nothing: nobody looked at its password, or it was right and nothing came of it.
    pub fn withdraw(&mut self, round: i64) {
        self.decide(round);
    }

    /// The right password was given, or another one was set: everything begins anew.
    pub fn succeed(&mut self) {
        self.round = self.round.saturating_add(1);
        (self.failed, self.undecided, self.locked_until) = (0, 0, None);
    }

    fn decide(&mut self, round: i64) -> bool {
        let counts = self.round == round && self.undecided > 0;
        if counts {
            self.undecided = self.undecided.saturating_sub(1);
        }
        counts
    }

    fn count_failure(&mut self, now: Timestamp, policy: LockPolicy) {
        self.failed = self.failed.saturating_add(1);
        if self.failed.rem_euclid(policy.threshold) == 0 || self.failed >= LockPolicy::MOST_FAILURES {
            self.locked_until = Some(now.plus_secs(policy.secs_after(self.failed)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn fail_once(attempts: &mut Attempts, now: Timestamp, policy: LockPolicy) -> Admission {
        let admission = attempts.admit(now, policy);
        if admission == Admission::Admitted {
            attempts.fail(attempts.round, now, policy);
        }
        admission
    }

    #[test]
    fn au_07_the_account_is_locked_after_exactly_the_threshold() {
        let (mut attempts, policy) = (Attempts::none(NOW), LockPolicy::new(3, 900));
        for _ in 0..3 {
            assert_eq!(fail_once(&mut attempts, NOW, policy), Admission::Admitted);
        }
        let locked = Admission::Locked { until: NOW.plus_secs(900) };
        assert_eq!(attempts.admit(NOW, policy), locked);
        assert_eq!(attempts.admit(NOW.plus_secs(899), policy), locked);
        let later = NOW.plus_secs(900);
        assert_eq!(attempts.admit(later, policy), Admission::Admitted);
        attempts.succeed();
        assert_eq!((attempts.failed, attempts.undecided, attempts.locked(later)), (0, 0, None));
    }

    #[test]
    fn au_07_attempts_under_way_take_the_room_of_failures() {
        let (mut attempts, policy) = (Attempts::none(NOW), LockPolicy::new(3, 900));
        for _ in 0..3 {
            assert_eq!(attempts.admit(NOW, policy), Admission::Admitted);
        }
        assert_eq!(attempts.admit(NOW, policy), Admission::Wait);
        attempts.withdraw(0);
        assert_eq!(attempts.admit(NOW, policy), Admission::Admitted);
        for _ in 0..3 {
            attempts.fail(0, NOW, policy);
        }
        assert_eq!((attempts.failed, attempts.undecided), (3, 0));
        assert!(attempts.locked(NOW).is_some());
    }

    #[test]
    fn what_was_decided_after_a_success_does_not_count() {
        let (mut attempts, policy) = (Attempts::none(NOW), LockPolicy::default());
        attempts.admit(NOW, policy);
        attempts.admit(NOW, policy);
        attempts.succeed();
        attempts.fail(0, NOW, policy);
        attempts.withdraw(0);
        assert_eq!((attempts.round, attempts.failed, attempts.undecided), (1, 0, 0));
        attempts.fail(1, NOW, policy);
        assert_eq!(attempts.failed, 0, "nothing was admitted");
        attempts.admit(NOW, policy);
        attempts.fail(0, NOW, policy);
        attempts.withdraw(0);
        assert_eq!((attempts.failed, attempts.undecided), (0, 1), "the one under way is of another round");
    }

    #[test]
    fn an_attempt_whose_node_died_counts_as_failed() {
        let (mut attempts, policy) = (Attempts::none(NOW), LockPolicy::new(2, 900));
        attempts.admit(NOW, policy);
        attempts.admit(NOW, policy);
        assert_eq!(attempts.admit(NOW.plus_secs(59), policy), Admission::Wait);
        let later = NOW.plus_secs(60);
        assert_eq!(attempts.admit(later, policy), Admission::Locked { until: later.plus_secs(900) });
    }

    #[test]
    fn au_07_never_more_than_a_hundred_in_a_row() {
        for (threshold, lock) in [(10, 900), (7, 1), (100, 900), (u32::MAX, i64::MAX), (0, 0)] {
            let (mut attempts, policy) = (Attempts::none(NOW), LockPolicy::new(threshold, lock));
            let (mut now, mut taken) = (NOW, 0);
            for _ in 0..1_000 {
                match fail_once(&mut attempts, now, policy) {
                    Admission::Admitted => taken += 1,
                    Admission::Locked { until } => now = until,
                    Admission::Wait => unreachable!("one at a time"),
                }
            }
            assert_eq!((taken, attempts.failed), (100, 100), "{threshold}");
        }
    }

    #[test]
    fn locks_double_up_to_a_day() {
        let policy = LockPolicy::new(10, 900);
        let lock = |failed| policy.secs_after(failed);
        assert_eq!([10, 20, 30, 70, 80, 90].map(lock), [900, 1_800, 3_600, 57_600, 86_400, 86_400]);
        assert_eq!(lock(100), LockPolicy::KEPT_SECS);
    }
}
