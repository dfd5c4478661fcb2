use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Request;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use tower::Service;

/// What a layer of this crate does around the routes behind it. [`Gated`] is the service that does it.
pub trait Gate: Send + Sync + 'static {
    /// What is kept while the routes work. It is dropped when they fail, or when whoever waits for them goes away.
    type Kept: Send;

    /// Lets a request through, or answers it in place of the routes.
    fn admit(&self, parts: &mut Parts) -> impl Future<Output = Result<Self::Kept, Response>> + Send;

    /// Does what remains to be done when the routes have answered.
    fn finish(&self, kept: Self::Kept, response: Response) -> impl Future<Output = Response> + Send {
        drop(kept);
        std::future::ready(response)
    }
}

/// A service behind one of the layers of this crate, `G`.
#[derive(Debug)]
pub struct Gated<S, G> {
    inner: S,
    gate: Arc<G>,
}

impl<S, G> Gated<S, G> {
    pub(crate) fn new(inner: S, gate: G) -> Self {
        Self { inner, gate: Arc::new(gate) }
    }
}

impl<S: Clone, G> Clone for Gated<S, G> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), gate: Arc::clone(&self.gate) }
    }
}

impl<S, G, B> Service<Request<B>> for Gated<S, G>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
    G: Gate,
    B: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled ready is the one to call.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);
        let gate = Arc::clone(&self.gate);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            match gate.admit(&mut parts).await {
                Ok(kept) => {
                    let response = inner.call(Request::from_parts(parts, body)).await?.into_response();
                    Ok(gate.finish(kept, response).await)
                }
                Err(answer) => Ok(answer),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt as _;

    use super::*;

    struct Open;

    impl Gate for Open {
        type Kept = ();

        async fn admit(&self, _: &mut Parts) -> Result<(), Response> {
            Ok(())
        }
    }

    /// As a service with a limit does, it counts on being called by whom it told that it is ready.
    #[derive(Default)]
    struct Strict {
        ready: bool,
    }

    impl Clone for Strict {
        fn clone(&self) -> Self {
            Self::default()
        }
    }

    impl Service<Request<Body>> for Strict {
        type Response = &'static str;
        type Error = &'static str;
        type Future = std::future::Ready<Result<&'static str, &'static str>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
            self.ready = true;
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, _: Request<Body>) -> Self::Future {
            std::future::ready(if self.ready { Ok("ran") } else { Err("called before it was ready") })
        }
    }

    #[tokio::test]
    async fn the_service_that_was_ready_is_the_one_that_is_called() {
        let mut gated = Gated::new(Strict::default(), Open);
        for _ in 0..2 {
            let answer = gated.ready().await.unwrap().call(Request::new(Body::empty())).await;
            assert_eq!(answer.unwrap().status(), 200);
            assert!(!gated.inner.ready, "the next request must wait for a readiness of its own");
        }
    }
}
