//! The guard of an application's routes, from outside, with a guard that answers what a test tells it to.
#![cfg(test)]

mod bed;
mod connection;
mod operations;
mod refusals;
mod resources;
mod settling;
mod streaming;
mod users;
