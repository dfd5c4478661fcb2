//! What is sold: products and their plans (`/v1/products`; spec `guard-request.md` §4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::Timestamp;
use crate::authress::{CollectionLinks, Links, Pagination, ReadOnly, Tags};

/// Something that is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Its id.
    pub product_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its versions, oldest first; may be empty.
    pub versions: Vec<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// Where it is.
    pub links: Links,
}

/// Creates or replaces a product.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductBody {
    /// 1 to 64 of `a-z A-Z 0-9 - _`; minted when absent. On an update it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// 1 to 128 characters.
    pub name: String,
    /// Up to 1024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Up to 100, each 1 to 64 characters, none twice.
    #[serde(default)]
    pub versions: Vec<String>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of products.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProductCollection {
    /// The products.
    pub products: Vec<Product>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// How long a period is. Months and years are the calendar's: the 31st is followed by the last day of a shorter month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Recurrence {
    /// 24 hours.
    Daily,
    /// A month.
    Monthly,
    /// A year.
    Yearly,
}

/// What happens when an allowance is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum LimitKind {
    /// No more until the next period.
    #[default]
    Hard,
    /// It goes on, and what is over is counted.
    Soft,
}

/// What of an unused allowance goes into the next period: at least `min`, at most `max`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rollover {
    /// 0 to `max`: this much also if less was left.
    #[serde(default)]
    pub min: i64,
    /// 0 to 9,000,000,000,000,000.
    pub max: i64,
}

/// An allowance per period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MeteredFeature {
    /// Units a period, 0 to 9,000,000,000,000,000.
    pub allowance: i64,
    /// How long a period is; the subscription's recurrence, when absent. Periods begin with the subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Recurrence>,
    /// `hard` when absent.
    #[serde(default)]
    pub limit: LimitKind,
    /// Nothing is carried over, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollover: Option<Rollover>,
}

/// A feature of a plan: `{"boolean": true}`, `{"static": …}` or `{"metered": {…}}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Feature {
    /// On or off.
    Boolean(bool),
    /// A value for the application, up to 4 KB of JSON.
    Static(Value),
    /// An allowance per period.
    Metered(MeteredFeature),
}

/// What is in a product at a price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Its id, unique in the installation.
    pub plan_id: String,
    /// The product that it is a plan of.
    pub product_id: String,
    /// 1 to 128 characters.
    pub name: String,
    /// Of several subscriptions the one with the highest plan gives the organization its plan's name.
    pub rank: i32,
    /// Whether new subscriptions may take it.
    pub is_active: bool,
    /// The product's version that it gives; the latest, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The price in the currency's smallest unit. Stored and echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// ISO 4217. Stored and echoed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// For how many days a late payment changes nothing.
    pub grace_days: u16,
    /// What it allows, by the feature's name.
    pub features: BTreeMap<String, Feature>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub last_updated: Timestamp,
    /// Where it is.
    pub links: Links,
}

/// Creates or replaces a plan.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlanBody {
    /// 1 to 64 of `a-z A-Z 0-9 - _`; minted when absent. On an update it must be absent or equal to the path's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_id: Option<String>,
    /// 1 to 128 characters.
    pub name: String,
    /// 0 when absent.
    #[serde(default)]
    pub rank: i32,
    /// True when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// One of the product's versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// 0 to 9,000,000,000,000,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// Three capital letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// 0 to 90; 7 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_days: Option<u16>,
    /// Up to 100; a name is 1 to 64 of `a-z A-Z 0-9 - _ . :`.
    #[serde(default)]
    pub features: BTreeMap<String, Feature>,
    /// Free labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Absent or equal to the path's; `apply` needs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_id: Option<String>,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub last_updated: ReadOnly,
    /// Ignored.
    #[serde(default, skip_serializing_if = "ReadOnly::is_never_sent")]
    pub links: ReadOnly,
}

/// A page of plans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanCollection {
    /// The plans.
    pub plans: Vec<Plan>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}
