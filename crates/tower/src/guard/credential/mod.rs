//! Which credential did this request send? One, or none: never a choice between two.

mod cookie;
mod find;
mod skip;

pub use cookie::CookieCredential;
pub use find::CredentialRefusal;
pub(crate) use find::in_query;
pub(super) use find::{Found, find};
pub(super) use skip::Skipped;
