//! The client, over real HTTP: against a server of its own, and against made-up ones that fail.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod applications;
mod authorizing;
mod devices;
mod failing;
mod guarding;
mod managing;
mod oauth;
mod other_servers;
mod paying;
mod people;
mod people_managed;
mod raw_server;
mod selling;
mod sessions;
mod signing_in;
mod signing_in_with_a_browser;
mod tokens;
