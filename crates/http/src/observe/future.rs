use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;
use portcullis_tower::RequestId;
use tracing::Span;

use super::layer::Shared;
use super::metrics::{MethodIndex, Route};
use crate::failure::Failure;

/// What is known of a request before it is answered.
pub(crate) struct Observed {
    id: RequestId,
    route: Arc<Route>,
    method: MethodIndex,
    started: Instant,
    span: Span,
    shared: Arc<Shared>,
}

impl Observed {
    pub(super) fn begin(
        shared: &Arc<Shared>,
        route: Arc<Route>,
        method: &Method,
        headers: &HeaderMap,
    ) -> Self {
        let started = Instant::now();
        let id = shared.id(headers);
        let method = MethodIndex::of(method);
        // Paths and queries can hold what does not belong into a log; the template cannot.
        let span = if tracing::enabled!(tracing::Level::DEBUG) {
            tracing::debug_span!("request", id = id.as_str(), method = method.name(), route = route.template)
        } else {
            Span::none()
        };
        Self { id, route, method, started, span, shared: Arc::clone(shared) }
    }

    /// The id of this request.
    pub(crate) fn id(&self) -> &RequestId {
        &self.id
    }

    pub(super) fn in_scope<T>(&self, work: impl FnOnce() -> T) -> T {
        self.span.in_scope(work)
    }
}

pin_project! {
    /// A request on its way to its answer.
    pub(crate) struct ObservedFuture<F> {
        #[pin]
        inner: Option<F>,
        observed: Observed,
    }
}

impl<F> ObservedFuture<F> {
    /// `inner` is absent when already the call panicked.
    pub(crate) fn new(inner: Option<F>, observed: Observed) -> Self {
        Self { inner, observed }
    }
}

impl<F, E> Future for ObservedFuture<F>
where
    F: Future<Output = Result<Response, E>>,
    E: IntoResponse,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let observed = this.observed;
        let polled = observed.span.in_scope(|| {
            let inner = this.inner.as_mut().as_pin_mut()?;
            // Whatever the panic left half done is dropped with the future, which is not polled again.
            catch_unwind(AssertUnwindSafe(|| inner.poll(cx))).ok()
        });
        let response = match polled {
            Some(Poll::Pending) => return Poll::Pending,
            Some(Poll::Ready(Ok(response))) => response,
            Some(Poll::Ready(Err(refusal))) => refusal.into_response(),
            None => {
                this.inner.set(None);
                tracing::error!(
                    request_id = observed.id.as_str(),
                    route = observed.route.template,
                    "a handler panicked"
                );
                Failure::internal(None).into_response()
            }
        };
        let response = observed.shared.finish(response, &observed.id, &observed.route);
        let took = observed.started.elapsed();
        observed.route.count(observed.method, response.status(), took);
        observed.span.in_scope(|| {
            tracing::debug!(status = response.status().as_u16(), micros = took.as_micros(), "answered");
        });
        Poll::Ready(Ok(response))
    }
}
