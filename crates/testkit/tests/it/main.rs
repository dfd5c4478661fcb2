//! The testkit's own proof: the scenarios of `scenarios/`, over HTTP, against the server that it starts.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod api;
mod scenarios;
mod starting;
