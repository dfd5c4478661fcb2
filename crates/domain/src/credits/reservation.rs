use portcullis_types::credits::{
    BillingRule, CreditReservation, LateCommit, ReservationState, Settlement, Shortage,
};
use portcullis_types::{FieldError, MicroCredits, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Allocation, Source};

/// How long a hold lasts when nobody says, in seconds.
pub const DEFAULT_TTL_SECS: i64 = 300;
/// How long a hold may last in total, in seconds.
pub const MAX_TTL_SECS: i64 = 86_400;

/// The time that a hold is to last, in seconds.
///
/// # Errors
/// [`FieldError`] on `field` unless it is 1 to [`MAX_TTL_SECS`].
pub fn ttl_secs(field: &str, given: Option<i64>) -> Result<i64, FieldError> {
    let ttl = given.unwrap_or(DEFAULT_TTL_SECS);
    if (1..=MAX_TTL_SECS).contains(&ttl) {
        Ok(ttl)
    } else {
        Err(FieldError::new(field, format!("1 to {MAX_TTL_SECS} seconds")))
    }
}

/// What a reservation keeps of the rule that priced it, so that a later change of the rule changes nothing for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// What pays when the wallet holds too little.
    pub settlement: Settlement,
    /// How far the wallet may go below zero.
    pub overdraft_limit: MicroCredits,
    /// What a commit does after the hold has expired.
    pub late_commit: LateCommit,
    /// What a commit of more than is held does when the wallet holds too little.
    pub shortage: Shortage,
    /// The version of the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price_version: Option<i64>,
}

impl Terms {
    /// The terms of a rule, in its version.
    pub fn of_rule(rule: &BillingRule, version: Option<i64>) -> Self {
        Self {
            settlement: rule.settlement,
            overdraft_limit: rule.overdraft_limit,
            late_commit: rule.late_commit,
            shortage: rule.shortage_on_commit,
            price_version: version,
        }
    }
}

/// A reservation as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReservation {
    /// `rsv_` and 25 characters.
    pub reservation_id: String,
    /// The wallet's row.
    pub wallet: i64,
    /// What was held.
    pub amount: MicroCredits,
    /// How far it is.
    pub state: ReservationState,
    /// While it is pending, what is held and where it came from, in burn order; once committed, what was taken.
    pub allocations: Vec<Allocation>,
    /// What it is for.
    pub operation: Option<String>,
    /// For whom.
    pub subject: Option<String>,
    /// What the rule said.
    pub terms: Terms,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// What the commit asked for.
    pub asked: Option<MicroCredits>,
    /// What it took.
    pub committed: Option<MicroCredits>,
    /// What of that was given back.
    pub refunded: MicroCredits,
}

/// What a commit has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitStep {
    /// Take this much of what is held, and more if it is more.
    Take(MicroCredits),
    /// The hold is gone: take this much afresh.
    TakeAfresh(MicroCredits),
    /// Nothing: it was done before.
    Done,
    /// Nothing: it was settled otherwise.
    Closed,
}

/// What a release has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseStep {
    /// Give back what is held.
    GiveBack,
    /// Nothing: nothing is held any more.
    Done,
    /// Nothing: it was taken.
    Closed,
}

impl StoredReservation {
    /// Whether its time is over although nobody has given it back yet.
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        self.state == ReservationState::Pending && self.expires_at <= now
    }

    /// What a commit of `actual` (all of it, if none) has to do.
    pub fn commit_step(&self, actual: Option<MicroCredits>) -> CommitStep {
        let asked = actual.unwrap_or(self.amount);
        match self.state {
            ReservationState::Pending => CommitStep::Take(asked),
            ReservationState::Committed if self.asked == Some(asked) => CommitStep::Done,
            ReservationState::Expired if self.terms.late_commit == LateCommit::Charge => {
                CommitStep::TakeAfresh(asked)
            }
            _ => CommitStep::Closed,
        }
    }

    /// What a release has to do.
    pub fn release_step(&self) -> ReleaseStep {
        match self.state {
            ReservationState::Pending => ReleaseStep::GiveBack,
            ReservationState::Released | ReservationState::Expired => ReleaseStep::Done,
            ReservationState::Committed => ReleaseStep::Closed,
        }
    }

    /// When it ends, if it is to last for `ttl` seconds from now on: never earlier than it would anyway.
    ///
    /// # Errors
    /// [`FieldError`] on `ttlSeconds` when that is more than [`MAX_TTL_SECS`] after it was made.
    pub fn extended(&self, now: Timestamp, ttl: i64) -> Result<Timestamp, FieldError> {
        let end = now.plus_secs(ttl);
        if end > self.created_at.plus_secs(MAX_TTL_SECS) {
            return Err(FieldError::new(
                "ttlSeconds",
                format!("so few that it lasts {MAX_TTL_SECS} seconds in total at most"),
            ));
        }
        Ok(end.max(self.expires_at))
    }

    /// What is there to be given back: of what was taken, the part that nobody gave back.
    pub fn refundable(&self) -> MicroCredits {
        MicroCredits(self.committed.unwrap_or_default().0.saturating_sub(self.refunded.0))
    }

    /// The parts that a refund of `amount` gives back: last taken, first given back, because what was taken last lasts
    /// longest. What was given back before is skipped.
    pub fn refund_parts(&self, amount: MicroCredits) -> Vec<Allocation> {
        let backwards: Vec<_> = self.allocations.iter().rev().cloned().collect();
        let (_, open) = super::split(backwards, self.refunded);
        super::split(open, amount).0
    }

    /// The reservation as the API shows it.
    pub fn wire(&self, account_id: &str, currency: &str) -> CreditReservation {
        let overage = self.allocations.iter().filter(|part| part.from == Source::Overage);
        let overage: i64 = overage.map(|part| part.amount.0).sum();
        CreditReservation {
            reservation_id: self.reservation_id.clone(),
            account_id: account_id.to_owned(),
            currency: currency.to_owned(),
            amount: self.amount,
            state: self.state,
            expires_at: self.expires_at,
            committed: self.committed,
            overage: Some(MicroCredits(overage)).filter(|overage| overage.0 > 0),
            refunded: Some(self.refunded).filter(|refunded| refunded.0 > 0),
            operation: self.operation.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reservation(state: ReservationState, late_commit: LateCommit) -> StoredReservation {
        StoredReservation {
            reservation_id: "rsv_1".to_owned(),
            wallet: 1,
            amount: MicroCredits(10),
            state,
            allocations: Vec::new(),
            operation: None,
            subject: None,
            terms: Terms { late_commit, ..Terms::default() },
            created_at: Timestamp::from_secs(0),
            expires_at: Timestamp::from_secs(300),
            asked: (state == ReservationState::Committed).then_some(MicroCredits(10)),
            committed: (state == ReservationState::Committed).then_some(MicroCredits(10)),
            refunded: MicroCredits::ZERO,
        }
    }

    #[test]
    fn each_state_answers_commit_and_release_as_the_table_says() {
        use ReservationState as S;
        let ten = MicroCredits(10);
        for (state, late, commit, again, release) in [
            (
                S::Pending,
                LateCommit::Charge,
                CommitStep::Take(ten),
                CommitStep::Take(MicroCredits(4)),
                ReleaseStep::GiveBack,
            ),
            (S::Committed, LateCommit::Charge, CommitStep::Done, CommitStep::Closed, ReleaseStep::Closed),
            (S::Released, LateCommit::Charge, CommitStep::Closed, CommitStep::Closed, ReleaseStep::Done),
            (
                S::Expired,
                LateCommit::Charge,
                CommitStep::TakeAfresh(ten),
                CommitStep::TakeAfresh(MicroCredits(4)),
                ReleaseStep::Done,
            ),
            (S::Expired, LateCommit::Reject, CommitStep::Closed, CommitStep::Closed, ReleaseStep::Done),
        ] {
            let reservation = reservation(state, late);
            assert_eq!(reservation.commit_step(None), commit, "{state:?}");
            assert_eq!(reservation.commit_step(Some(MicroCredits(4))), again, "{state:?}");
            assert_eq!(reservation.release_step(), release, "{state:?}");
        }
    }

    #[test]
    fn a_hold_is_extended_up_to_a_day_in_total_and_never_shortened() {
        let hold = reservation(ReservationState::Pending, LateCommit::Charge);
        let at = Timestamp::from_secs;
        assert_eq!(hold.extended(at(100), 300), Ok(at(400)));
        assert_eq!(hold.extended(at(100), 1), Ok(at(300)));
        assert_eq!(hold.extended(at(100), 86_300), Ok(at(86_400)));
        assert_eq!(hold.extended(at(101), 86_300).unwrap_err().field, "ttlSeconds");
        assert!(ttl_secs("t", Some(0)).is_err() && ttl_secs("t", Some(86_401)).is_err());
        assert_eq!(ttl_secs("t", None), Ok(300));
    }

    #[test]
    fn refunds_go_back_from_the_last_part_to_the_first() {
        let part = |id: &str, amount| Allocation {
            from: Source::Grant(id.to_owned()),
            amount: MicroCredits(amount),
        };
        let mut taken = reservation(ReservationState::Committed, LateCommit::Charge);
        taken.allocations = vec![part("first", 4), part("last", 6)];
        assert_eq!(taken.refund_parts(MicroCredits(5)), [part("last", 5)]);
        taken.refunded = MicroCredits(5);
        assert_eq!(taken.refund_parts(MicroCredits(3)), [part("last", 1), part("first", 2)]);
        assert_eq!(taken.refundable(), MicroCredits(5));
    }
}
