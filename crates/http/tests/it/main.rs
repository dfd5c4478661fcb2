//! The routes over a real socket, with a real engine on SQLite.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod applications;
mod authorizing;
mod bed;
mod bodies;
mod collections;
mod credits;
mod credits_rights;
mod devices;
mod direct;
mod document;
mod guard;
mod headers;
mod leading_on;
mod matrix;
mod oauth;
mod oauth_clients;
mod organizations;
mod own_api;
mod pages;
mod paths;
mod queries;
mod sessions;
mod sign_in;
mod statuses;
mod user_pools;
mod visitor;
mod wire;
