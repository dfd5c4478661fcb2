use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Request;
use axum::response::{IntoResponse, Response};
use tower::Service;

use super::RateLimit;
use crate::{ProblemResponse, RequestId, RequestIds};

/// See [`RateLimitLayer`](super::RateLimitLayer).
#[derive(Clone, Debug)]
pub struct RateLimitService<S> {
    inner: S,
    limit: RateLimit,
    ids: Arc<RequestIds>,
}

impl<S> RateLimitService<S> {
    pub(super) fn new(inner: S, limit: RateLimit, ids: Arc<RequestIds>) -> Self {
        Self { inner, limit, ids }
    }
}

impl<S, B> Service<Request<B>> for RateLimitService<S>
where
    S: Service<Request<B>>,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.limit.charge_request(request.extensions()) {
            Ok(()) => {
                let answered = self.inner.call(request);
                Box::pin(async move { answered.await.map(IntoResponse::into_response) })
            }
            Err(refused) => {
                let id = RequestId::of(request.extensions()).cloned().unwrap_or_else(|| self.ids.mint());
                tracing::debug!(request_id = id.as_str(), "an address asks too often");
                let response = ProblemResponse::from(refused).of_request(&id).into_response();
                Box::pin(std::future::ready(Ok(response)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use axum::Router;
    use axum::body::Body;
    use axum::http::{StatusCode, header};
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
