//! The use cases, on both databases. PostgreSQL is found in `PORTCULLIS_TEST_POSTGRES`: run it with `cargo xtask test`.
//!
//! - [`bed`] makes an installation (and more nodes of it), [`make`] the facts, [`people`] those who sign in;
//! - [`scenarios`]: the rules as examples, through the use cases;
//! - everything else is one file a promise. A test that proves a requirement carries its id (`az_10_…`).
//!
//! To add a test: `async fn name(bed: Bed)` and its name in the file's `on_both!`.
#![cfg(test)]

mod agreement;
mod applications;
mod applying;
mod auditing;
mod authorizing;
mod bed;
mod browsers;
mod choosing_passwords;
mod client_authentication;
mod consenting;
mod credits;
mod credits_model;
mod device_guesses;
mod devices;
mod faulty_store;
mod granting;
mod granting_otherwise;
mod guard;
mod guard_applications;
mod guard_fake;
mod guard_places;
mod guard_prices;
mod guard_reasons;
mod invites;
mod issuing;
mod limited;
mod lists;
mod make;
mod make_credits;
mod make_devices;
mod managing_users;
mod naive_ledger;
mod nodes;
mod oauth_bed;
mod oauth_end_session;
mod oauth_flow;
mod oauth_refresh;
mod oauth_tokens;
mod opening;
mod organizations;
mod passwords;
mod people;
mod records;
mod redeeming_codes;
mod redirect_uris;
mod registering;
mod rights;
#[path = "../../../testkit/src/scenario.rs"]
#[expect(unreachable_pub, dead_code, reason = "shared with the other runners, which use more of it")]
mod scenario;
mod scenarios;
mod session_nodes;
mod sessions;
mod signing_in;
mod signing_keys;
mod starting;
mod tokens;
mod verifying;
