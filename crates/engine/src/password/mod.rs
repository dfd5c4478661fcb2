//! Passwords of people: how one is read, judged, hashed, compared and taken over from elsewhere.
//!
//! | file | its question |
//! |---|---|
//! | `settings.rs` | what can an installation choose? [`PasswordSettings`] |
//! | `normalized.rs` | which text does a typed password stand for? |
//! | `policy.rs` | may this text be set as a password? |
//! | `breached.rs` | is it among those of known breaches? |
//! | `pool.rs` | where is it computed, so that a flood of logins slows nothing but logins? |
//! | `priority.rs` | how does a thread step behind all others? |
//! | `hash.rs` | how is a password stored, and is this the stored one? |
//! | `stored.rs` | which formats of stored hashes are there? |
//! | `import.rs` | may this hash of another system be taken over? |
//! | `passwords.rs` | what do the use cases call? |
//!
//! The policy is asked when a password is set, never at a login: who has a password may use it (AU-04, no forced rotation).

mod breached;
mod error;
mod hash;
mod import;
mod normalized;
mod passwords;
mod policy;
mod pool;
mod priority;
mod settings;
mod stored;

pub(crate) use normalized::NormalizedPassword;
pub use passwords::PasswordWork;
pub(crate) use passwords::Passwords;
pub use settings::{HashCost, PasswordPolicy, PasswordSettings};
