//! What an operation costs this time: the operation's rule, and what the calling service measured (spec `guard-request.md` §5.1).

use portcullis_domain::credits::PricedRule;
use portcullis_types::MicroCredits;
use portcullis_types::credits::BillingRule;
use portcullis_types::guard::BillingMode;
use serde_json::{Map, Value};

use super::registry::RegisteredOperation;

/// How long credits are held when nobody says.
const TTL_SECS: i64 = 300;

/// What `metadata.billing` says.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Said<'a> {
    pub(super) mode: Option<BillingMode>,
    pub(super) units: Option<i64>,
    pub(super) estimate: Option<MicroCredits>,
    pub(super) key: Option<&'a str>,
    pub(super) account: Option<&'a str>,
    pub(super) ttl: Option<i64>,
}

/// A part of `metadata.billing` that cannot be accepted.
pub(super) type Unacceptable = &'static str;

impl<'a> Said<'a> {
    /// Reads `metadata.billing`; nothing of it is guessed.
    pub(super) fn of(metadata: Option<&'a Map<String, Value>>) -> Result<Self, Unacceptable> {
        let said = match metadata.and_then(|metadata| metadata.get("billing")) {
            None | Some(Value::Null) => return Ok(Self::default()),
            Some(Value::Object(said)) => said,
            Some(_) => return Err("billing must be an object"),
        };
        let given = |name: &str| said.get(name).filter(|value| !value.is_null());
        let text = |name: &str, refused: Unacceptable| {
            given(name).map(|value| value.as_str().ok_or(refused)).transpose()
        };
        let number = |name: &str, refused: Unacceptable| {
            let within = |value: &Value| value.as_i64().filter(|n| (0..=MicroCredits::MAX.0).contains(n));
            given(name).map(|value| within(value).ok_or(refused)).transpose()
        };
        let mode = text("mode", "billing.mode must be check, reserve, charge or skip")?;
        let key = text("idempotencyKey", "billing.idempotencyKey must be a text")?;
        if key.is_some_and(|key| !(1..=255).contains(&key.len()) || key.contains('\0')) {
            return Err("billing.idempotencyKey must have 1 to 255 characters");
        }
        let ttl = number("ttlSeconds", "billing.ttlSeconds must be 1 to 86400")?;
        if ttl.is_some_and(|ttl| !(1..=86_400).contains(&ttl)) {
            return Err("billing.ttlSeconds must be 1 to 86400");
        }
        Ok(Self {
            mode: mode.map(mode_of).transpose()?,
            units: number("units", "billing.units must be a whole number, 0 or more")?,
            estimate: number("estimate", "billing.estimate must be micro-credits, 0 or more")?
                .map(MicroCredits),
            key,
            account: text("billingAccountId", "billing.billingAccountId must be a text")?,
            ttl,
        })
    }

    /// What is done about the price: what the request says, else the rule, else by what the operation does.
    pub(super) fn mode(&self, operation: &RegisteredOperation, rule: &BillingRule) -> BillingMode {
        let reads = operation.body.permission.rsplit(':').next().is_some_and(|verb| {
            ["read", "get", "list", "view"].iter().any(|word| verb.eq_ignore_ascii_case(word))
        });
        let usual = if reads { BillingMode::Check } else { BillingMode::Reserve };
        self.mode.or(rule.mode).unwrap_or(usual)
    }

    pub(super) fn ttl(&self, rule: &BillingRule) -> i64 {
        self.ttl.or(rule.hold_ttl_seconds).unwrap_or(TTL_SECS)
    }
}

fn mode_of(text: &str) -> Result<BillingMode, Unacceptable> {
    match text {
        "check" => Ok(BillingMode::Check),
        "reserve" => Ok(BillingMode::Reserve),
        "charge" => Ok(BillingMode::Charge),
        "skip" => Ok(BillingMode::Skip),
        _ => Err("billing.mode must be check, reserve, charge or skip"),
    }
}

/// The price of so many units.
pub(super) fn cost(rule: &BillingRule, units: i64) -> Result<MicroCredits, Unacceptable> {
    let priced = PricedRule::new(rule.clone()).and_then(|rule| rule.price(units));
    priced.map_err(|_error| "the price of so many units is beyond all bounds")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(billing: Value) -> Result<(), Unacceptable> {
        let metadata = json!({ "billing": billing });
        Said::of(metadata.as_object()).map(|_| ())
    }

    #[test]
    fn negative_overflowing_and_absurd_amounts_are_refused() {
        for billing in [
            json!({"units": -1}),
            json!({"units": 1.5}),
            json!({"units": "1"}),
            json!({"units": 1e300}),
            json!({"units": u64::MAX}),
            json!({"estimate": -1}),
            json!({"mode": "free"}),
            json!({"idempotencyKey": ""}),
            json!({"idempotencyKey": "x".repeat(256)}),
            json!({"ttlSeconds": 0}),
            json!({"ttlSeconds": 86_401}),
            json!({"billingAccountId": 7}),
            json!([]),
        ] {
            assert!(said(billing.clone()).is_err(), "{billing}");
        }
        assert!(said(json!({"units": 3, "mode": "check", "estimate": null})).is_ok());
        let rule = BillingRule { per_unit: MicroCredits(2), ..BillingRule::default() };
        assert!(cost(&rule, i64::MAX).is_err() && cost(&rule, MicroCredits::MAX.0).is_err());
    }
}
