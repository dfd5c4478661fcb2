//! How often one address may ask.
//!
//! | file | its question |
//! |---|---|
//! | `address.rs` | who asks? [`PeerAddress`] |
//! | `limit.rs` | may they ask again already? [`RateLimit`] |
//! | `store.rs` | who asked lately, in bounded memory? |
//! | `steady.rs` | how much time went by? |
//! | `layer.rs` | in front of routes: [`RateLimitLayer`] |

mod address;
mod layer;
mod limit;
mod steady;
mod store;

pub use address::PeerAddress;
pub use layer::RateLimitLayer;
pub use limit::{RateLimit, RateLimitOptions, RateLimited};
