//! Who sent this, may they do it, and can they pay for it? The guard of an application's routes (spec `guard-request.md` §7.2).
//!
//! | where | its question |
//! |---|---|
//! | `layer.rs`, `around.rs` | what happens around every request? |
//! | `credential/` | which credential did it send? |
//! | `state.rs` | what is known about it? |
//! | `user.rs` | what do handlers take? |
//! | `operation/` | may it do this? |
//! | `settle/` | what becomes of the credits held for it? |
//! | `refusal.rs`, `answer.rs` | how is it refused? |
//! | `strip.rs`, `keys.rs` | which headers are forged; which idempotency key is its own? |

mod answer;
mod around;
mod credential;
mod keys;
mod layer;
mod operation;
mod refusal;
mod settle;
mod state;
mod strip;
mod user;

pub(crate) use credential::in_query;
pub use credential::{CookieCredential, CredentialRefusal};
pub use layer::GuardLayer;
pub use operation::{GuardPass, Guarded, Operation, RequireOp, path_param, require_op};
pub use refusal::GuardRefusal;
pub use state::{Credentials, GuardState};
pub use user::{CurrentUser, RawClaims, Roles};
