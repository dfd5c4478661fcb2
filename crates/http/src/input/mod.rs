//! What clients send, read strictly. Whatever cannot be accepted is refused with 400 and the name of the part.

mod body;
mod encoding;
mod idempotency;
mod path;
mod query;
mod shape;
mod unmodified;

pub use body::BodyTimeout;
pub(crate) use body::{AnyObject, JsonBody, MaybeJson, StrictJson, collect};
pub(crate) use idempotency::IdempotencyKey;
pub(crate) use path::{RawPath, decode_param};
pub(crate) use query::Query;
pub(crate) use unmodified::IfUnmodifiedSince;
