//! The decision engine: may this principal do this to that resource, and why.
//!
//! It is pure: facts come in (statements, groups, roles, public resources), answers go out, and nothing here reads a
//! database, the time, or chance. What is settled where:
//!
//! - [`AskedPath`]: resource URIs and their prefixes; [`Roles`]: actions and what roles hold;
//! - [`GrantSet`]: what one principal was given; [`Decider`]: the sets in memory, and the check;
//! - [`explain`]: the same check, watched, and what came closest;
//! - [`listing`]: the resources that a principal has access to.
//!
//! The rules are those of the Authress API (spec `authress-api.md` §4), with what `ARCHITECTURE.md` settles. To add a rule:
//! decide which of the above it belongs to, add a scenario in `scenarios/`, teach the brute-force evaluator in
//! `tests/it` the same rule in its own words, and only then the engine.

mod asked;
mod cache;
mod compile;
mod decider;
pub mod explain;
mod grant_set;
mod hash;
pub mod listing;
mod permissions;
mod roles;
mod shape;

pub use asked::AskedPath;
pub use cache::{GrantCache, LoadTicket};
pub use compile::StatementGrants;
pub use decider::{Decider, Decision, Holder, LoadedGrants, Recorder, SetOf, Unwatched};
pub use grant_set::{GrantSet, Place};
pub use hash::{HashKey, NameHash};
pub use permissions::{check_action, union_of_permissions};
pub use roles::{Bits, RoleIndex, RoleTable, Roles};
