//! The keys that sign this installation's tokens.

mod signing;

pub(crate) use signing::{SigningKeys, new_signing_key};
