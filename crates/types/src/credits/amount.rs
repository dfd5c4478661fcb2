use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An amount in millionths of a credit (spec `guard-request.md` §5.1). On the wire a JSON integer; whatever comes from
/// outside is at most [`MicroCredits::MAX`], so that every client reads it exactly.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = i64)]
pub struct MicroCredits(pub i64);

impl MicroCredits {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// The most that one amount may be: nine billion credits, below 2⁵³.
    pub const MAX: Self = Self(9_000_000_000_000_000);
    /// One credit.
    pub const CREDIT: Self = Self(1_000_000);

    /// Whole credits.
    pub const fn of_credits(credits: i64) -> Option<Self> {
        match credits.checked_mul(1_000_000) {
            Some(micros) => Some(Self(micros)),
            None => None,
        }
    }

    /// Whole credits, rounded down.
    pub const fn credits(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The sum; `None` if it overflows.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference; `None` if it overflows.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }
}

impl fmt::Display for MicroCredits {
    /// In credits, exactly: `1.5`, `-0.000001`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, micros) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        if micros == 0 {
            return write!(f, "{sign}{whole}");
        }
        let fraction = format!("{micros:06}");
        write!(f, "{sign}{whole}.{}", fraction.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_credits_exactly() {
        for (micros, text) in [(1_500_000, "1.5"), (-1, "-0.000001"), (0, "0"), (100_000_000, "100")] {
            assert_eq!(MicroCredits(micros).to_string(), text);
        }
        assert_eq!(MicroCredits(-1).credits(), -1);
        assert_eq!(MicroCredits::of_credits(i64::MAX), None);
    }
}
