use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CreditGrant, MicroCredits};
use crate::Timestamp;

/// How far a reservation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReservationState {
    /// The amount is held.
    Pending,
    /// Taken.
    Committed,
    /// Given back by whoever held it.
    Released,
    /// Given back because its time was over.
    Expired,
}

/// Credits that are, or were, held for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditReservation {
    /// `rsv_` and 25 characters.
    pub reservation_id: String,
    /// The wallet.
    pub account_id: String,
    /// The wallet's currency.
    pub currency: String,
    /// What was held, in micro-credits.
    pub amount: MicroCredits,
    /// How far it is.
    pub state: ReservationState,
    /// When a hold ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// What was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<MicroCredits>,
    /// Of that, what went beyond the credits, for an invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overage: Option<MicroCredits>,
    /// Of what was taken, what was given back since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<MicroCredits>,
    /// What it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// Holds credits.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditReservationBody {
    /// The wallet.
    pub account_id: String,
    /// 0 to 9,000,000,000,000,000 micro-credits.
    #[schema(minimum = 0, maximum = 9_000_000_000_000_000_i64)]
    pub amount: MicroCredits,
    /// `CREDIT` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Up to 255 characters. The same key with the same body gives the same reservation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// 1 to 86,400; 300 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86_400)]
    pub ttl_seconds: Option<i64>,
    /// What it is for; up to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// Takes what is held.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CommitCreditsBody {
    /// What is really taken; all that is held when absent. The rest is given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9_000_000_000_000_000_i64)]
    pub amount: Option<MicroCredits>,
    /// Up to 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// Holds for longer.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ExtendCreditsBody {
    /// From now on; 300 when absent. No hold lasts longer than 86,400 seconds in total.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86_400)]
    pub ttl_seconds: Option<i64>,
}

/// Gives back what was taken.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditRefundBody {
    /// The reservation (or charge) that took it; entries of the ledger name it too.
    pub reservation_id: String,
    /// All that was not given back yet, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9_000_000_000_000_000_i64)]
    pub amount: Option<MicroCredits>,
    /// Up to 255 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// What was given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditRefund {
    /// The reservation.
    pub reservation_id: String,
    /// How much, in micro-credits.
    pub amount: MicroCredits,
    /// The new grants: one for each that had paid, with its expiry.
    pub grants: Vec<CreditGrant>,
}
