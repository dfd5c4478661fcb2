use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use tower::Layer;

use super::RateLimit;
use crate::gate::{Gate, Gated};
use crate::{ProblemResponse, RequestIds};

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
    type Service = Gated<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Gated::new(inner, self.clone())
    }
}

impl Gate for RateLimitLayer {
    type Kept = ();

    async fn admit(&self, parts: &mut Parts) -> Result<(), Response> {
        self.limit.charge_request(&parts.extensions).map_err(|refused| {
            let id = self.ids.of(&parts.extensions);
            tracing::debug!(request_id = id.as_str(), "an address asks too often");
            ProblemResponse::from(refused).of_request(&id).into_response()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode, header};
    use axum::routing::get;
    use portcullis_types::{Clock, Timestamp};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{PeerAddress, RateLimitLayer, RateLimitOptions};

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(1_800_000_000)
        }
    }

    #[tokio::test]
    async fn what_is_too_much_is_answered_with_a_problem_that_says_when() {
        let options = RateLimitOptions::per_minute(NonZeroU32::new(2).unwrap());
        let layer = RateLimitLayer::new(RateLimit::new(options, Arc::new(Still)));
        let app = Router::new().route("/", get(|| async { "hello" })).layer(layer);
        let ask = |address: &str| {
            let mut request = Request::new(Body::empty());
            request.extensions_mut().insert(PeerAddress(address.parse().unwrap()));
            app.clone().oneshot(request)
        };
        for _ in 0..2 {
            assert_eq!(ask("192.0.2.1:1000").await.unwrap().status(), StatusCode::OK);
        }
        let answer = ask("192.0.2.1:2000").await.unwrap();
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "30");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(ask("192.0.2.2:1000").await.unwrap().status(), StatusCode::OK);
    }
}
