//! Who sent this? A layer that verifies the bearer credential of every request (RFC 6750 §2.1, §3).

mod credential;
mod layer;

pub use credential::{BearerRefusal, MAX_BEARER_BYTES, bearer_credential};
pub use layer::BearerLayer;
