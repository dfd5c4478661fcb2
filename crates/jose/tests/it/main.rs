//! What the crate promises, seen from outside. Names state the rule, with the id of the requirement they prove.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests fail as the tests do")]

mod access_keys;
mod cache;
mod interop;
mod support;
mod tokens;
