use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MicroCredits;
use crate::Timestamp;
use crate::authress::{CollectionLinks, Pagination};

/// Where credits came from. In this order they are used up, among those of one priority and expiry.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CreditCategory {
    /// A present.
    Promotional,
    /// A part of a plan.
    Plan,
    /// Given back for something that was charged.
    Refund,
    /// Bought.
    #[default]
    Paid,
}

/// Whether a grant can be drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditGrantState {
    /// Not yet effective.
    Waiting,
    /// It can be drawn from.
    Live,
    /// Used up, expired or void. What is held of it stays usable until its reservation ends.
    Ended,
}

/// Credits that were given to a wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditGrant {
    /// Its id.
    pub grant_id: String,
    /// The wallet: an organization's id, or a user's.
    pub account_id: String,
    /// The wallet's currency.
    pub currency: String,
    /// What was given, in micro-credits.
    pub amount: MicroCredits,
    /// What is left of it, with what is held.
    pub remaining: MicroCredits,
    /// What is held of it.
    pub held: MicroCredits,
    /// Where it came from.
    pub category: CreditCategory,
    /// 0 to 100; a smaller one is used up first.
    pub priority: i64,
    /// From when on it can be drawn from.
    #[schema(value_type = String, format = DateTime)]
    pub effective_at: Timestamp,
    /// Until when; never ends when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// What it was given for: an order, a subscription, a reservation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<String>,
    /// Whether it can be drawn from.
    pub state: CreditGrantState,
    /// When it was voided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub voided_at: Option<Timestamp>,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Gives credits to a wallet, which is made by its first grant.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditGrantBody {
    /// Chosen by the caller, or minted when absent: 1 to 64 of `a-z A-Z 0-9 - _`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// The wallet; in a path it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// 1 to 9,000,000,000,000,000 micro-credits.
    #[schema(minimum = 1, maximum = 9_000_000_000_000_000_i64)]
    pub amount: MicroCredits,
    /// 1 to 16 of `A-Z 0-9 _`; `CREDIT` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// `paid` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<CreditCategory>,
    /// 0 to 100, 0 is used up first; 50 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// From when on it can be drawn from; now when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub effective_at: Option<Timestamp>,
    /// After `effectiveAt` and after now; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Up to 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ref: Option<String>,
    /// Up to 255 characters. The same key with the same body gives the same grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// Takes back what is free of a grant. Nothing needs to be said.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct CreditVoid {}

/// A page of grants, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreditGrantCollection {
    /// The grants.
    pub grants: Vec<CreditGrant>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
