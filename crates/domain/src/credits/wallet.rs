use portcullis_types::credits::{LateCommit, Settlement, Shortage};
use portcullis_types::{MicroCredits, Timestamp};

use super::Terms;

/// One wallet in one currency: the row that is the lock of everything in it, with its balances as of its last transaction.
///
/// Grants become effective and expire, holds lapse: `due_at` is the first instant at which a balance may have changed by
/// itself. Whoever reads `available` after it settles first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wallet {
    /// The row.
    pub id: i64,
    /// An organization's id, or a user's.
    pub account_id: String,
    /// The currency.
    pub currency: String,
    /// What is free in live grants, less the overdraft.
    pub available: MicroCredits,
    /// What pending reservations hold.
    pub held: MicroCredits,
    /// What is in grants that are not yet effective.
    pub waiting: MicroCredits,
    /// What was lent, with what pending reservations hold of it.
    pub overdraft: MicroCredits,
    /// What pending reservations hold of the overdraft.
    pub overdraft_held: MicroCredits,
    /// The furthest below zero that a rule has let it go.
    pub overdraft_limit: MicroCredits,
    /// The number of the last transaction of its ledger.
    pub transaction: i64,
    /// When something ends or begins by itself; [`Wallet::NEVER`] if nothing does.
    pub due_at: Timestamp,
}

/// How far an amount may reach when the credits do not cover it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The overdraft up to this limit, or nothing at all.
    Whole(MicroCredits),
    /// What there is, and the overdraft up to this limit.
    Part(MicroCredits),
    /// Everything: what the credits do not cover is overage.
    Invoice,
}

impl Reach {
    /// Of a reservation or a charge.
    pub fn of_reserve(terms: &Terms) -> Self {
        match terms.settlement {
            Settlement::CreditThenInvoice => Self::Invoice,
            Settlement::CreditOnly => Self::Whole(terms.overdraft_limit),
        }
    }

    /// Of what a commit takes beyond what is held; of all of it, when it comes `late`.
    pub fn of_commit(terms: &Terms, late: bool) -> Self {
        match (terms.settlement, terms.shortage) {
            (Settlement::CreditThenInvoice, _) | (_, Shortage::Overage) => Self::Invoice,
            (_, Shortage::Overdraft) => Self::Part(terms.overdraft_limit),
            (_, Shortage::Cap) if late && terms.late_commit == LateCommit::Charge => {
                Self::Part(terms.overdraft_limit)
            }
            (_, Shortage::Cap) => Self::Part(MicroCredits::ZERO),
        }
    }
}

/// An amount by what pays it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// From grants, in burn order.
    pub credits: i64,
    /// From the overdraft.
    pub overdraft: i64,
    /// Beyond both.
    pub overage: i64,
}

impl Wallet {
    /// The `due_at` of a wallet in which nothing ends or begins by itself.
    pub const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);

    /// What is free in live grants.
    pub fn free(&self) -> i64 {
        self.available.0.saturating_add(self.overdraft.0)
    }

    /// Whether something may have ended or begun by itself.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.due_at <= now
    }

    /// Makes sure that nothing is overlooked at `at`.
    pub fn due_by(&mut self, at: Timestamp) {
        self.due_at = self.due_at.min(at);
    }

    /// Divides `amount` among what may pay it; `None` when that is too little.
    pub fn draw(&self, amount: MicroCredits, reach: Reach) -> Option<Draw> {
        let amount = amount.0.max(0);
        let reachable = |limit: MicroCredits| self.available.0.saturating_add(limit.0).max(0);
        let within = |amount: i64| {
            let credits = amount.min(self.free());
            Draw { credits, overdraft: amount - credits, overage: 0 }
        };
        match reach {
            Reach::Whole(limit) => (amount == 0 || amount <= reachable(limit)).then(|| within(amount)),
            Reach::Part(limit) => Some(within(amount.min(reachable(limit)))),
            Reach::Invoice => {
                let credits = amount.min(reachable(MicroCredits::ZERO));
                Some(Draw { credits, overdraft: 0, overage: amount - credits })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wallet(free: i64, overdraft: i64) -> Wallet {
        Wallet {
            id: 1,
            account_id: "a".to_owned(),
            currency: "CREDIT".to_owned(),
            available: MicroCredits(free - overdraft),
            held: MicroCredits::ZERO,
            waiting: MicroCredits::ZERO,
            overdraft: MicroCredits(overdraft),
            overdraft_held: MicroCredits::ZERO,
            overdraft_limit: MicroCredits::ZERO,
            transaction: 0,
            due_at: Wallet::NEVER,
        }
    }

    #[test]
    fn each_reach_pays_as_far_as_it_says() {
        let draw = |free, overdraft, amount, reach| {
            wallet(free, overdraft)
                .draw(MicroCredits(amount), reach)
                .map(|draw| (draw.credits, draw.overdraft, draw.overage))
        };
        let (none, ten) = (MicroCredits::ZERO, MicroCredits(10));
        assert_eq!(draw(5, 0, 5, Reach::Whole(none)), Some((5, 0, 0)));
        assert_eq!(draw(5, 0, 6, Reach::Whole(none)), None);
        assert_eq!(draw(5, 0, 15, Reach::Whole(ten)), Some((5, 10, 0)));
        assert_eq!(draw(5, 0, 16, Reach::Whole(ten)), None);
        assert_eq!(draw(0, 8, 3, Reach::Whole(ten)), None, "what was lent counts");
        assert_eq!(draw(0, 8, 0, Reach::Whole(none)), Some((0, 0, 0)));
        assert_eq!(draw(5, 0, 9, Reach::Part(none)), Some((5, 0, 0)));
        assert_eq!(draw(5, 0, 99, Reach::Part(ten)), Some((5, 10, 0)));
        assert_eq!(draw(5, 0, 9, Reach::Invoice), Some((5, 0, 4)));
        assert_eq!(draw(0, 7, 9, Reach::Invoice), Some((0, 0, 9)));
    }

    #[test]
    fn a_late_commit_reaches_the_overdraft_although_the_rule_caps() {
        let terms = Terms { overdraft_limit: MicroCredits(7), ..Terms::default() };
        assert_eq!(Reach::of_commit(&terms, false), Reach::Part(MicroCredits::ZERO));
        assert_eq!(Reach::of_commit(&terms, true), Reach::Part(MicroCredits(7)));
    }

    proptest! {
        #[test]
        fn no_draw_takes_more_than_there_is_or_goes_below_the_limit(
            free in 0..100i64, overdraft in 0..20i64, amount in 0..200i64, limit in 20..40i64,
        ) {
            let wallet = wallet(free, overdraft);
            for reach in [Reach::Whole(MicroCredits(limit)), Reach::Part(MicroCredits(limit)), Reach::Invoice] {
                let Some(draw) = wallet.draw(MicroCredits(amount), reach) else { continue };
                prop_assert!(draw.credits >= 0 && draw.overdraft >= 0 && draw.overage >= 0);
                prop_assert!(draw.credits <= free, "{draw:?}");
                prop_assert!(free - overdraft - draw.credits - draw.overdraft >= -limit, "{draw:?}");
                let sum = draw.credits + draw.overdraft + draw.overage;
                prop_assert!(sum == amount || (matches!(reach, Reach::Part(_)) && sum < amount));
            }
        }
    }
}
