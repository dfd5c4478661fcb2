//! Credits: what an operation costs, which grants pay for it, and what may become of a hold (spec `guard-request.md` §5).
//! Pure: no time, no storage.

mod allocation;
mod grant;
mod movement;
mod price;
mod reservation;
mod wallet;

pub use allocation::{Allocation, Source, Spendable, allocate, split};
pub use grant::{StoredGrant, checked_account, checked_amount, checked_currency, checked_key};
pub use movement::{Entry, GrantChange, GrantMoved, Movement};
pub use price::{MAX_UNITS, PricedRule, units};
pub use reservation::{
    CommitStep, DEFAULT_TTL_SECS, MAX_TTL_SECS, ReleaseStep, StoredReservation, Terms, ttl_secs,
};
pub use wallet::{Draw, Reach, Wallet};
