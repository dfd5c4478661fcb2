use portcullis_types::credits::BillingRule;
use portcullis_types::{FieldError, MicroCredits};
use serde_json::Value;

use super::checked_amount;
use super::reservation::ttl_secs;
use crate::limits;

/// The most units that one request may be measured with.
pub const MAX_UNITS: i64 = 1_000_000_000_000;

/// A [`BillingRule`] whose parts are within their bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedRule(BillingRule);

impl PricedRule {
    /// Checks a rule.
    ///
    /// # Errors
    /// [`FieldError`] with the member that is out of bounds.
    pub fn new(rule: BillingRule) -> Result<Self, FieldError> {
        if let Some(feature) = &rule.feature {
            limits::text("feature", feature, 1, 128)?;
        }
        if let Some(unit) = &rule.unit {
            limits::text("unit", unit, 1, 64)?;
        }
        checked_amount("base", rule.base, 0)?;
        checked_amount("perUnit", rule.per_unit, 0)?;
        checked_amount("min", rule.min, 0)?;
        if let Some(max) = rule.max {
            checked_amount("max", max, 0)?;
            if max < rule.min {
                return Err(FieldError::new("max", "at least min"));
            }
        }
        if rule.unit_size.is_some_and(|size| !(1..=MAX_UNITS).contains(&size)) {
            return Err(FieldError::new("unitSize", format!("1 to {MAX_UNITS}")));
        }
        checked_amount("overdraftLimit", rule.overdraft_limit, 0)?;
        ttl_secs("holdTtlSeconds", rule.hold_ttl_seconds)?;
        Ok(Self(rule))
    }

    /// The rule.
    pub fn rule(&self) -> &BillingRule {
        &self.0
    }

    /// What `units` cost. Units are whole: what is measured in fractions is measured in a smaller unit.
    ///
    /// # Errors
    /// [`FieldError`] on `units` below 0, above [`MAX_UNITS`], or so many that the price is beyond
    /// [`MicroCredits::MAX`].
    pub fn price(&self, units: i64) -> Result<MicroCredits, FieldError> {
        let rule = &self.0;
        if !(0..=MAX_UNITS).contains(&units) {
            return Err(units_error());
        }
        // Two factors below 2⁵³ and 2⁴⁰: no product of them overflows 127 bits.
        let size = i128::from(rule.unit_size.unwrap_or(1).max(1));
        let metered = i128::from(rule.per_unit.0) * i128::from(units);
        let price = i128::from(rule.base.0) + metered.div_euclid(size) + i128::from(metered % size != 0);
        let most = rule.max.unwrap_or(MicroCredits::MAX);
        let price = price.max(i128::from(rule.min.0));
        let price = if rule.max.is_some() { price.min(i128::from(most.0)) } else { price };
        match i64::try_from(price) {
            Ok(price) if price <= MicroCredits::MAX.0 => Ok(MicroCredits(price)),
            _ => Err(FieldError::new("units", "so few that the price is at most 9 billion credits")),
        }
    }
}

fn units_error() -> FieldError {
    FieldError::new("units", format!("a whole number, 0 to {MAX_UNITS}"))
}

/// Reads units as they come with a request (`metadata.billing.units`).
///
/// # Errors
/// [`FieldError`] on `units` unless it is a whole number, 0 to [`MAX_UNITS`], written without a fraction.
pub fn units(value: &Value) -> Result<i64, FieldError> {
    value.as_i64().filter(|units| (0..=MAX_UNITS).contains(units)).ok_or_else(units_error)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rule(base: i64, per_unit: i64, size: i64, min: i64, max: Option<i64>) -> BillingRule {
        BillingRule {
            base: MicroCredits(base),
            per_unit: MicroCredits(per_unit),
            unit_size: Some(size),
            min: MicroCredits(min),
            max: max.map(MicroCredits),
            ..BillingRule::default()
        }
    }

    #[test]
    fn a_price_is_rounded_up_and_kept_between_least_and_most() {
        for ((base, per_unit, size, min, max), units, expected) in [
            ((5, 3, 1, 0, None), 4, 17),
            ((0, 1, 1_000, 0, None), 1, 1),
            ((0, 1, 1_000, 0, None), 1_000, 1),
            ((0, 1, 1_000, 0, None), 1_001, 2),
            ((1, 1, 1, 10, None), 0, 10),
            ((1, 1, 1, 0, Some(7)), 100, 7),
            ((0, 0, 1, 0, None), MAX_UNITS, 0),
        ] {
            let rule = PricedRule::new(rule(base, per_unit, size, min, max)).unwrap();
            assert_eq!(rule.price(units), Ok(MicroCredits(expected)));
        }
    }

    #[test]
    fn absurd_units_and_rules_are_refused_by_name() {
        let most = MicroCredits::MAX.0;
        let dear = PricedRule::new(rule(0, most, 1, 0, None)).unwrap();
        for units in [-1, i64::MIN, i64::MAX, MAX_UNITS + 1, 2] {
            assert_eq!(dear.price(units).unwrap_err().field, "units", "{units}");
        }
        for value in [json!(-1), json!(1.5), json!("1"), json!(null), json!(1e300), json!(u64::MAX)] {
            assert_eq!(units(&value).unwrap_err().field, "units", "{value}");
        }
        assert_eq!(units(&json!(12)), Ok(12));
        for (bad, field) in [
            (rule(-1, 0, 1, 0, None), "base"),
            (rule(0, i64::MAX, 1, 0, None), "perUnit"),
            (rule(0, 0, 0, 0, None), "unitSize"),
            (rule(0, 0, 1, -5, None), "min"),
            (rule(0, 0, 1, 5, Some(4)), "max"),
            (BillingRule { hold_ttl_seconds: Some(86_401), ..rule(0, 0, 1, 0, None) }, "holdTtlSeconds"),
            (BillingRule { overdraft_limit: MicroCredits(-1), ..rule(0, 0, 1, 0, None) }, "overdraftLimit"),
        ] {
            assert_eq!(PricedRule::new(bad).unwrap_err().field, field);
        }
    }

    proptest! {
        #[test]
        fn more_units_never_cost_less_and_no_price_is_out_of_bounds(
            base in 0..=MicroCredits::MAX.0, per_unit in 0..=MicroCredits::MAX.0, size in 1..=MAX_UNITS,
            less in 0..=MAX_UNITS, more in 0..=MAX_UNITS,
        ) {
            let rule = PricedRule::new(rule(base, per_unit, size, 0, None)).unwrap();
            let (less, more) = (less.min(more), less.max(more));
            match (rule.price(less), rule.price(more)) {
                (Ok(one), Ok(other)) => prop_assert!(MicroCredits(base) <= one && one <= other && other <= MicroCredits::MAX),
                (Err(_), Ok(_)) => prop_assert!(false, "fewer units cannot be too many"),
                _ => {}
            }
        }
    }
}
