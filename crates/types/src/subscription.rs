//! Who bought what: subscriptions, seats and usage (`/v1/organizations/{id}/subscriptions`; spec `guard-request.md` §4).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::authress::{CollectionLinks, Links, Pagination, ReadOnly};
use crate::plan::Recurrence;
use crate::{Entitlement, Timestamp};

/// Where a subscription is in its life (spec `guard-request.md` §4: the eleven).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Paid.
    Active,
    /// Tried out.
    Trialing,
    /// A payment is late.
    PastDue,
    /// Ended by the customer; usable until its end.
    Canceled,
    /// Held.
    Paused,
    /// The first payment is missing.
    Incomplete,
    /// The first payment never came.
    IncompleteExpired,
    /// Past its end.
    Expired,
    /// All that was bought was delivered.
    Completed,
    /// Another one with a higher plan took its place.
    Upgraded,
    /// Another one with a lower plan took its place.
    Downgraded,
}

/// What an organization bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// Its id.
    pub subscription_id: String,
    /// Whose it is.
    pub organization_id: String,
    /// The plan's product.
    pub product_id: String,
    /// The plan.
    pub plan_id: String,
    /// Where it is in its life.
    pub status: SubscriptionStatus,
    /// When it begins; periods are counted from here.
    #[schema(value_type = String, format = DateTime)]
    pub start_date: Timestamp,
    /// When it ends, unless it renews by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub end_date: Option<Timestamp>,
    /// How often it is paid.
    pub recurrence: Recurrence,
    /// Whether it goes on after its end.
    pub auto_renewal: bool,
    /// How many members may have a seat; not counted when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_count: Option<i64>,
    /// When the next payment is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_billing_date: Option<Timestamp>,
    /// When it was canceled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub canceled_at: Option<Timestamp>,
    /// Of an upgraded or downgraded one: the subscription that took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor_id: Option<String>,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// Where it is.
    pub links: Links,
}

/// Creates or replaces a subscription.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionBody {
    /// 1 to 64 of `a-z A-Z 0-9 - _`; minted when absent. On an update it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_id: Option<String>,
    /// A plan; a new subscription takes only an active one.
    pub plan_id: String,
    /// `active` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<SubscriptionStatus>,
    /// Now, when absent; on an update it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub start_date: Option<Timestamp>,
    /// After `startDate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub end_date: Option<Timestamp>,
    /// `monthly` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence: Option<Recurrence>,
    /// True when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_renewal: Option<bool>,
    /// 0 to 1,000,000; not below the seats that are assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat_count: Option<i64>,
    /// Required for `past_due` to give any grace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_billing_date: Option<Timestamp>,
    /// Another subscription of the same organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor_id: Option<String>,
    /// Absent or equal to the path's; `apply` needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub product_id: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub canceled_at: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of subscriptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionCollection {
    /// The subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// A member's right to use a subscription that is sold by seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seat {
    /// The member.
    pub user_id: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub assigned_at: Timestamp,
}

/// A page of seats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatCollection {
    /// The seats that are assigned.
    pub seats: Vec<Seat>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// Says that a metered feature was used. The same `source` and `id` count once (CloudEvents).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UsageEvent {
    /// 1 to 255 characters, unique with its source.
    pub id: String,
    /// Who says so, 1 to 255 characters.
    pub source: String,
    /// When it was used: at most 5 minutes ahead and 35 days back; now, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub time: Option<Timestamp>,
    /// A metered feature of the subscription's plan.
    pub feature: String,
    /// 1 to 9,000,000,000,000,000.
    pub units: i64,
}

/// What became of a usage event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UsageReceipt {
    /// Whether it was counted before; then it was not counted again.
    pub duplicate: bool,
    /// What the subscription says about the feature now.
    pub entitlement: Entitlement,
}

/// One metered feature in its present period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureUsage {
    /// The feature.
    pub feature: String,
    /// When the period began.
    #[schema(value_type = String, format = DateTime)]
    pub period_start: Timestamp,
    /// When the next one begins.
    #[schema(value_type = String, format = DateTime)]
    pub period_end: Timestamp,
    /// What the plan gives.
    pub allowance: i64,
    /// What came over from the period before.
    pub carried_over: i64,
    /// What was used.
    pub usage: i64,
    /// What is left.
    pub balance: i64,
    /// What was used beyond the allowance.
    pub overage: i64,
}

/// The metered features of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UsageReport {
    /// One entry a feature, by name.
    pub usage: Vec<FeatureUsage>,
}
