use std::sync::Arc;

use tower::Layer;

use super::{RateLimit, RateLimitService};
use crate::RequestIds;

/// Lets only as many requests of one address through as a [`RateLimit`] allows, and answers the others with 429 `RateLimited`
/// and an integer `Retry-After`. All services that a layer or its clones make count together.
///
/// Who sent a request is its [`PeerAddress`](super::PeerAddress).
///
/// ```
/// use std::num::NonZeroU32;
/// use std::sync::Arc;
/// use axum::{Router, routing::post};
/// use portcullis_tower::{RateLimit, RateLimitLayer, RateLimitOptions};
/// use portcullis_types::Clock;
///
/// fn app(clock: Arc<dyn Clock>) -> Router {
///     let options = RateLimitOptions::per_minute(NonZeroU32::new(30).unwrap());
///     Router::new()
///         .route("/login", post(|| async { "welcome" }))
///         .layer(RateLimitLayer::new(RateLimit::new(options, clock)))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    limit: RateLimit,
    ids: Arc<RequestIds>,
}

impl RateLimitLayer {
    /// Counts in `limit`. Problems of requests without a [`RequestId`](crate::RequestId) get ids that count from 0.
    pub fn new(limit: RateLimit) -> Self {
        Self { limit, ids: Arc::new(RequestIds::new(0)) }
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimitService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RateLimitService::new(inner, self.limit.clone(), Arc::clone(&self.ids))
    }
}
