//! Credits: amounts, the price of an operation, and the bodies of `/v1/credits` (spec `guard-request.md` §5).

mod amount;
mod grant;
mod reservation;
mod rule;
mod wallet;

pub use amount::MicroCredits;
pub use grant::{
    CreditCategory, CreditGrant, CreditGrantBody, CreditGrantCollection, CreditGrantState, CreditVoid,
};
pub use reservation::{
    CommitCreditsBody, CreditRefund, CreditRefundBody, CreditReservation, CreditReservationBody,
    ExtendCreditsBody, ReservationState,
};
pub use rule::{BillingRule, LateCommit, Rounding, Settlement, Shortage};
pub use wallet::{
    CategoryBalance, CreditAccount, CreditBalance, CreditDifference, CreditEntry, CreditEntryCollection,
    CreditShortage, EntryKind, LedgerAccount, Reconciliation,
};

/// The currency of a ledger that says nothing else (spec `guard-request.md` §5.1).
pub const DEFAULT_CURRENCY: &str = "CREDIT";
