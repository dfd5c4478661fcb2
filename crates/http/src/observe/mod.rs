//! Around every route, as one layer because it is on the hot path: the request's id, a span, metrics, panics, and the headers
//! that every answer has.

mod future;
mod layer;
mod metrics;

pub(crate) use future::ObservedFuture;
pub(crate) use layer::{Observe, ObservedRoute};
