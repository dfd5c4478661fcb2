//! The words that every part of Portcullis shares: bodies of the HTTP APIs, ids and their patterns, problem
//! details, the [`Guard`] contract, [`Timestamp`], and the traits through which time ([`Clock`]) and chance
//! ([`Rng`]) come in.
//!
//! Nothing here does I/O, and nothing here decides anything: no tokio, no sqlx, no axum.
//!
//! To add a body: put the type into the file of its area (`authress/<area>.rs` for the Authress API), derive
//! `Serialize`, `Deserialize` and `ToSchema`, name the spec section it comes from, and re-export it from that
//! area's `mod.rs`. Unknown fields are refused by the reader (the HTTP layer and `apply`), not by the type, so that a
//! client may read answers of a newer server with the same types.

pub mod application;
mod audit;
pub mod auth;
pub mod authress;
pub mod consent;
pub mod credits;
mod explain;
pub mod guard;
pub mod id;
pub mod key;
mod network;
pub mod oauth;
pub mod operation;
pub mod organization;
pub mod plan;
pub mod policy;
mod problem;
pub mod protected_resource;
mod sensitive;
pub mod sign_in;
pub mod subscription;
mod time;

pub use audit::{AuditCollection, AuditEvent};
pub use credits::MicroCredits;
pub use explain::{Allowed, Explanation, Missing, NearMiss, Via, ViaKind};
pub use guard::Entitlement;
pub use guard::{
    AuthError, BoxFuture, Caller, Guard, GuardCode, GuardOutcome, GuardRequest, SettleError, UserContext,
};
pub use id::{IdError, mint};
pub use network::counted_address;
pub use problem::{FieldError, Problem};
pub use sensitive::Sensitive;
pub use time::{Clock, Rng, RngError, Timestamp, duration_secs};
