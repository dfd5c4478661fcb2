//! The storage conformance suite, on both databases. PostgreSQL is found in `PORTCULLIS_TEST_POSTGRES`: run it with
//! `cargo xtask test`.

#![cfg(test)]

mod changes;
mod concurrency;
mod conformance;
mod corruption;
mod fixtures;
mod opening;
mod query_plans;
mod schema_pairs;
mod support;
