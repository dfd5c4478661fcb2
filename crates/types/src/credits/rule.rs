use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MicroCredits;
use crate::guard::BillingMode;

/// How a price that is no whole number of micro-credits is rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the next whole micro-credit.
    #[default]
    Up,
}

/// What pays when the wallet holds too little.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// Nothing: the operation is refused.
    #[default]
    CreditOnly,
    /// What is missing is noted as overage, for an invoice.
    CreditThenInvoice,
}

/// What a commit does that comes after the hold has expired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LateCommit {
    /// It takes the amount afresh, into the overdraft if the rule has one.
    #[default]
    Charge,
    /// It is refused.
    Reject,
}

/// What a commit of more than is held does when the wallet holds too little for the difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shortage {
    /// It takes what there is.
    #[default]
    Cap,
    /// It takes what there is and the overdraft up to its limit.
    Overdraft,
    /// It takes all of it; what is missing is noted as overage, for an invoice.
    Overage,
}

/// What an operation costs (spec `guard-request.md` §5.1): `clamp(base + ceil(perUnit × units ÷ unitSize), min, max)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct BillingRule {
    /// The metered feature that it counts towards; 1 to 128 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// What a unit is, for people (`token`, `byte`); 1 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What every call costs, in micro-credits.
    pub base: MicroCredits,
    /// What `unitSize` units cost, in micro-credits.
    pub per_unit: MicroCredits,
    /// How many units `perUnit` is the price of; 1 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_size: Option<i64>,
    /// How fractions of a micro-credit are rounded.
    pub rounding: Rounding,
    /// The least that a call costs.
    pub min: MicroCredits,
    /// The most that a call costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<MicroCredits>,
    /// What is done about the price when the request does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<BillingMode>,
    /// What pays when the wallet holds too little.
    pub settlement: Settlement,
    /// How far the wallet may go below zero.
    pub overdraft_limit: MicroCredits,
    /// How long the price is held, in seconds: 1 to 86,400, 300 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_ttl_seconds: Option<i64>,
    /// What a commit does after the hold has expired.
    pub late_commit: LateCommit,
    /// What a commit of more than is held does when the wallet holds too little.
    pub shortage_on_commit: Shortage,
}
