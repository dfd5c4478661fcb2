use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{CreditCategory, MicroCredits};
use crate::Timestamp;
use crate::authress::{CollectionLinks, Pagination};

/// What can be drawn from the grants of one category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryBalance {
    /// The category.
    pub category: CreditCategory,
    /// In micro-credits.
    pub available: MicroCredits,
    /// In whole credits, rounded down.
    pub credits: i64,
}

/// A wallet's balance in one currency, in micro-credits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditBalance {
    /// The currency.
    pub currency: String,
    /// What can be reserved now; below zero while an overdraft is used.
    pub available: MicroCredits,
    /// The same in whole credits, rounded down.
    pub credits: i64,
    /// What reservations hold.
    pub held: MicroCredits,
    /// What becomes available later.
    pub waiting: MicroCredits,
    /// What is owed, and paid by the next grant.
    pub overdraft: MicroCredits,
    /// The categories that hold something.
    pub by_category: Vec<CategoryBalance>,
}

/// A wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditAccount {
    /// An organization's id, or a user's.
    pub account_id: String,
    /// One a currency.
    pub balances: Vec<CreditBalance>,
}

/// What a transaction of the ledger was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Credits were given.
    Grant,
    /// A grant was taken back.
    Void,
    /// A grant's time was over.
    Expire,
    /// A grant paid what was owed.
    Settle,
    /// Credits were held.
    Reserve,
    /// A hold was given back.
    Release,
    /// A hold's time was over.
    Lapse,
    /// What was held was taken.
    Commit,
    /// Credits were taken at once.
    Charge,
    /// What was taken was given back.
    Refund,
}

/// The accounts of a wallet's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// What is free of one grant.
    Grant,
    /// What is held.
    Held,
    /// What was taken.
    Consumed,
    /// What nobody used in time.
    Expired,
    /// What was lent to the wallet: below zero while it owes.
    Overdraft,
    /// What was used beyond the credits, for an invoice: below zero.
    Overage,
    /// Where credits come from: the negative of all that was given.
    Issued,
}

/// One line of the ledger. The lines of one transaction sum to zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditEntry {
    /// The number of its transaction in the wallet: 1, 2, 3 and so on.
    pub transaction: i64,
    /// The number of the line in the transaction, from 0.
    pub line: i64,
    /// The wallet's currency.
    pub currency: String,
    /// What the transaction was.
    pub kind: EntryKind,
    /// The account of the ledger.
    pub ledger: LedgerAccount,
    /// The grant that it comes from or goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_id: Option<String>,
    /// The reservation, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reservation_id: Option<String>,
    /// By how much the account's balance changed, in micro-credits.
    pub delta: MicroCredits,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// A page of the ledger, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreditEntryCollection {
    /// The lines.
    pub entries: Vec<CreditEntry>,
    /// How to go on; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pagination: Option<Pagination>,
    /// Where this page is.
    pub links: CollectionLinks,
}

/// What a problem says about a wallet that holds too little (spec `guard-request.md` §5.5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditShortage {
    /// What it takes.
    pub required: MicroCredits,
    /// What there is: only for whoever may read the wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<MicroCredits>,
    /// The currency.
    pub currency: String,
    /// The wallet.
    pub billing_account_id: String,
    /// What it was for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

impl CreditShortage {
    /// The `type` of the problem: a URI reference, relative to the server.
    pub const PROBLEM: &str = "/problems/credits-insufficient";
}

/// What the reconciler found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reconciliation {
    /// How many wallets were replayed.
    pub wallets: u64,
    /// How many lines of the ledger.
    pub entries: u64,
    /// Where the ledger and the balances disagree; none, if all is well.
    pub differences: Vec<CreditDifference>,
}

/// One disagreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreditDifference {
    /// The wallet.
    pub account_id: String,
    /// The wallet's currency.
    pub currency: String,
    /// What disagrees: `held`, `grant:<id>`, `transaction 7`.
    pub what: String,
    /// What the ledger gives.
    pub ledger: i64,
    /// What is stored beside it.
    pub stored: i64,
}
