use std::cmp::Ordering;

use portcullis_types::credits::CreditCategory;
use portcullis_types::{MicroCredits, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a part of an amount comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A grant, by its id.
    Grant(String),
    /// Lent to the wallet; the next grant pays it.
    Overdraft,
    /// Beyond the credits, for an invoice.
    Overage,
}

/// A part of an amount, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// Where from.
    pub from: Source,
    /// How much; more than nothing.
    pub amount: MicroCredits,
}

/// A grant that can be drawn from, and what decides when it is its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spendable {
    /// Its id.
    pub grant_id: String,
    /// What is neither used nor held.
    pub free: MicroCredits,
    /// 0 to 100.
    pub priority: i64,
    /// Never-expiring grants have none.
    pub expires_at: Option<Timestamp>,
    /// Where it came from.
    pub category: CreditCategory,
    /// When it was given.
    pub created_at: Timestamp,
}

impl Spendable {
    /// The burn order (spec `guard-request.md` §5.2): priority, expiry with never-expiring grants last, category, age, id.
    /// The store's query has the same order.
    pub fn burn_order(&self, other: &Self) -> Ordering {
        let key = |grant: &Self| {
            let ends = grant.expires_at.map_or(i64::MAX, Timestamp::micros);
            (grant.priority, ends, grant.category, grant.created_at)
        };
        key(self).cmp(&key(other)).then_with(|| self.grant_id.cmp(&other.grant_id))
    }
}

/// Takes `amount` from `grants`, which are in burn order, and says how much they lack.
pub fn allocate(
    grants: impl IntoIterator<Item = Spendable>,
    amount: MicroCredits,
) -> (Vec<Allocation>, MicroCredits) {
    let (mut taken, mut missing) = (Vec::new(), amount.0);
    for grant in grants {
        if missing <= 0 {
            break;
        }
        let part = grant.free.0.min(missing);
        if part > 0 {
            taken.push(Allocation { from: Source::Grant(grant.grant_id), amount: MicroCredits(part) });
            missing -= part;
        }
    }
    (taken, MicroCredits(missing.max(0)))
}

/// Cuts `parts` after `amount`: what comes before, and what is left.
pub fn split(parts: Vec<Allocation>, amount: MicroCredits) -> (Vec<Allocation>, Vec<Allocation>) {
    let (mut first, mut rest, mut open) = (Vec::new(), Vec::new(), amount.0.max(0));
    for part in parts {
        let here = part.amount.0.min(open);
        open -= here;
        if here > 0 {
            first.push(Allocation { from: part.from.clone(), amount: MicroCredits(here) });
        }
        if part.amount.0 > here {
            rest.push(Allocation { from: part.from, amount: MicroCredits(part.amount.0 - here) });
        }
    }
    (first, rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grant(id: &str, order: (i64, Option<i64>, CreditCategory, i64), free: i64) -> Spendable {
        Spendable {
            grant_id: id.to_owned(),
            free: MicroCredits(free),
            priority: order.0,
            expires_at: order.1.map(Timestamp::from_secs),
            category: order.2,
            created_at: Timestamp::from_secs(order.3),
        }
    }

    #[test]
    fn five_grants_burn_by_priority_expiry_category_age_and_id() {
        use CreditCategory as C;
        let mut grants = [
            grant("e", (50, None, C::Promotional, 0), 1),
            grant("d2", (50, Some(9), C::Paid, 2), 1),
            grant("d1", (50, Some(9), C::Paid, 2), 1),
            grant("c", (50, Some(9), C::Paid, 1), 1),
            grant("b4", (50, Some(9), C::Refund, 1), 1),
            grant("b3", (50, Some(9), C::Plan, 1), 1),
            grant("b2", (50, Some(9), C::Promotional, 3), 1),
            grant("b1", (50, Some(8), C::Paid, 3), 1),
            grant("a", (0, None, C::Paid, 9), 1),
        ];
        grants.sort_by(Spendable::burn_order);
        let order: Vec<_> = grants.iter().map(|grant| grant.grant_id.as_str()).collect();
        assert_eq!(order, ["a", "b1", "b2", "b3", "b4", "c", "d1", "d2", "e"]);
    }

    fn total(parts: &[Allocation]) -> i64 {
        parts.iter().map(|part| part.amount.0).sum()
    }

    proptest! {
        #[test]
        fn what_is_allocated_and_what_is_missing_is_the_amount(
            frees in prop::collection::vec(0..1_000i64, 0..8), amount in 0..5_000i64, cut in -5..6_000i64,
        ) {
            let grants: Vec<_> = frees.iter().enumerate()
                .map(|(n, free)| grant(&format!("g{n}"), (50, None, CreditCategory::Paid, 0), *free)).collect();
            let (parts, missing) = allocate(grants.clone(), MicroCredits(amount));
            prop_assert_eq!(total(&parts) + missing.0, amount);
            prop_assert!(missing.0 == 0 || total(&parts) == frees.iter().sum::<i64>());
            for part in &parts {
                let Source::Grant(id) = &part.from else { panic!("a grant") };
                let grant = grants.iter().find(|grant| grant.grant_id == *id).unwrap();
                prop_assert!(part.amount.0 > 0 && part.amount <= grant.free);
            }
            let (first, rest) = split(parts.clone(), MicroCredits(cut));
            prop_assert_eq!(total(&first), cut.clamp(0, total(&parts)));
            prop_assert_eq!(total(&first) + total(&rest), total(&parts));
            prop_assert!(first.iter().chain(&rest).all(|part| part.amount.0 > 0));
        }
    }
}
