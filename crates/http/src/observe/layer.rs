use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::Response;
use portcullis::Portcullis;
use portcullis_tower::{RequestId, RequestIds};
use tower::{Layer, Service};
use tracing::Span;

use super::future::{Observed, ObservedFuture};
use super::metrics::{MethodIndex, Routes};
use crate::failure::Failure;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const NODE: HeaderName = HeaderName::from_static("x-portcullis-node");

/// Observes every request that reaches a route, or none.
#[derive(Clone)]
pub(crate) struct Observe {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    routes: Routes,
    ids: RequestIds,
    node: Option<HeaderValue>,
}

impl Observe {
    /// For the given route templates, on the node of `portcullis`.
    pub(crate) fn new(portcullis: &Portcullis, templates: impl IntoIterator<Item = String>) -> Self {
        // Node, process and start together: what tells the ids of several processes apart. Ids are names, not secrets.
        let mut hasher = DefaultHasher::new();
        (portcullis.node(), std::process::id(), portcullis.now().micros()).hash(&mut hasher);
        Self {
            shared: Arc::new(Shared {
                routes: Routes::new(templates),
                ids: RequestIds::new(hasher.finish()),
                node: HeaderValue::from_str(portcullis.node()).ok(),
            }),
        }
    }
}

impl<S> Layer<S> for Observe {
    type Service = ObserveService<S>;

    fn layer(&self, inner: S) -> ObserveService<S> {
        ObserveService { inner, shared: Arc::clone(&self.shared) }
    }
}

/// See [`Observe`].
#[derive(Clone)]
pub(crate) struct ObserveService<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Service<Request> for ObserveService<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = ObservedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let started = Instant::now();
        let id = chosen(request.headers()).unwrap_or_else(|| self.shared.ids.mint());
        let template = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let route = Arc::clone(self.shared.routes.of(template));
        let method = MethodIndex::of(request.method());
        request.extensions_mut().insert(id.clone());
        // Paths and queries can hold what does not belong into a log; the template cannot.
        let span = if tracing::enabled!(tracing::Level::DEBUG) {
            tracing::debug_span!("request", id = id.as_str(), method = method.name(), route = route.template)
        } else {
            Span::none()
        };
        let inner = &mut self.inner;
        let called = catch_unwind(AssertUnwindSafe(|| span.in_scope(|| inner.call(request)))).ok();
        ObservedFuture::new(
            called,
            Observed { id, route, method, started, span, shared: Arc::clone(&self.shared) },
        )
    }
}

/// The id that the client chose, if it named exactly one that can go into logs and headers.
fn chosen(headers: &HeaderMap) -> Option<RequestId> {
    let mut given = headers.get_all(REQUEST_ID).iter();
    let value = given.next()?;
    if given.next().is_some() { None } else { RequestId::chosen(value.to_str().ok()?) }
}

impl Shared {
    /// Writes the body of a refusal, and the headers that every answer has.
    pub(super) fn finish(&self, mut response: Response, id: &RequestId) -> Response {
        if let Some(failure) = response.extensions_mut().remove::<Failure>() {
            let kept = std::mem::take(response.headers_mut());
            response = failure.finish(id);
            keep(response.headers_mut(), kept);
        }
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(node) = &self.node {
            headers.insert(NODE, node.clone());
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        // Answers are about rights, and hold now: whoever caches one would answer for us.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response
    }
}

/// What was set beside the failure (`Allow`) stays; its body's own headers win.
fn keep(headers: &mut HeaderMap, kept: HeaderMap) {
    for (name, value) in kept {
        if let Some(name) = name
            && name != header::CONTENT_LENGTH
            && !headers.contains_key(&name)
        {
            headers.insert(name, value);
        }
    }
}
