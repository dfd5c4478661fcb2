//! The decision engine against its rules.
//!
//! - [`oracle`] says the rules in the plainest words; [`answers`], [`listing`], [`explaining`] and [`changing`] compare the
//!   engine with it in random worlds ([`world`], [`worlds`]), the facts brought the real way ([`engine`]);
//! - [`roles`]: what many roles do to each other;
//! - [`scenarios`] are the rules as examples, one file each, which all other ways of asking run too;
//! - [`memory`] and [`threads`]: a check allocates nothing, and no thread is answered from what was forgotten.
//!
//! To add a rule: a scenario, then the oracle, then the engine.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

mod answers;
mod changing;
mod engine;
mod explaining;
mod listing;
mod memory;
mod oracle;
mod roles;
#[path = "../../../testkit/src/scenario.rs"]
#[allow(dead_code, reason = "this runner does not use all of it")]
mod scenario;
mod scenarios;
mod threads;
mod world;
mod worlds;
