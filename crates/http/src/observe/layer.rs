use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use portcullis_tower::{RequestId, RequestIds, add_resource_metadata};
use tower::{Layer, Service};

use super::future::{Observed, ObservedFuture};
use super::metrics::{Route, Routes};
use crate::failure::Failure;
use crate::routes::PROTECTED_RESOURCE;

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
    /// Browsers shall not come without TLS any more (RFC 6797).
    strict_transport: bool,
    /// Where it is published who gives tokens for the API (RFC 9728 §5.1).
    resource_metadata: String,
}

impl Observe {
    /// For the given route templates, on the node of this name, which clients reach at `public_url`. Request ids begin with
    /// `seed`.
    pub(crate) fn new(
        node: &str,
        public_url: &str,
        seed: u64,
        templates: impl IntoIterator<Item = String>,
    ) -> Self {
        let routes = Routes::new(templates);
        Self {
            shared: Arc::new(Shared {
                routes,
                ids: RequestIds::new(seed),
                node: HeaderValue::from_str(node).ok(),
                strict_transport: public_url.starts_with("https://"),
                resource_metadata: format!("{public_url}{PROTECTED_RESOURCE}"),
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
        let template = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
        let route = Arc::clone(self.shared.routes.of(template));
        let observed = Observed::begin(&self.shared, route, request.method(), request.headers());
        request.extensions_mut().insert(observed.id().clone());
        let inner = &mut self.inner;
        let called = catch_unwind(AssertUnwindSafe(|| observed.in_scope(|| inner.call(request)))).ok();
        ObservedFuture::new(called, observed)
    }
}

impl Observe {
    /// Watches one route that is answered without the router. `template` is its label.
    pub(crate) fn route(&self, template: &str) -> ObservedRoute {
        ObservedRoute {
            route: Arc::clone(self.shared.routes.of(Some(template))),
            shared: Arc::clone(&self.shared),
        }
    }
}

/// One route that is answered without the router.
#[derive(Clone)]
pub(crate) struct ObservedRoute {
    route: Arc<Route>,
    shared: Arc<Shared>,
}

impl ObservedRoute {
    /// A request of this route begins.
    pub(crate) fn begin(&self, method: &Method, headers: &HeaderMap) -> Observed {
        Observed::begin(&self.shared, Arc::clone(&self.route), method, headers)
    }
}

/// The id that the client chose, if it named exactly one that can go into logs and headers.
fn chosen(headers: &HeaderMap) -> Option<RequestId> {
    let mut given = headers.get_all(REQUEST_ID).iter();
    let value = given.next()?;
    if given.next().is_some() { None } else { RequestId::chosen(value.to_str().ok()?) }
}

impl Shared {
    pub(super) fn id(&self, headers: &HeaderMap) -> RequestId {
        chosen(headers).unwrap_or_else(|| self.ids.mint())
    }

    /// Writes the body of a refusal, and the headers that every answer has.
    pub(super) fn finish(&self, mut response: Response, id: &RequestId, route: &Route) -> Response {
        if let Some(failure) = response.extensions_mut().remove::<Failure>() {
            let kept = std::mem::take(response.headers_mut());
            response =
                if is_oauth(&route.template) { failure.finish_as_oauth(id) } else { failure.finish(id) };
            keep(response.headers_mut(), kept);
        }
        let headers = response.headers_mut();
        // What the rest takes (userinfo, introspection) is another resource, or none.
        if route.template.starts_with("/v1/") || route.template.starts_with("/api/") {
            add_resource_metadata(headers, &self.resource_metadata);
        }
        if let Ok(id) = HeaderValue::from_str(id.as_str()) {
            headers.insert(REQUEST_ID, id);
        }
        if let Some(node) = &self.node {
            headers.insert(NODE, node.clone());
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.strict_transport {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
        }
        // Answers are about rights, and hold now: whoever caches one would answer for us.
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
        response
    }
}

/// Whether refusals are those of RFC 6749 §5.2 there.
fn is_oauth(template: &str) -> bool {
    template.starts_with("/oauth2/") || crate::routes::is_alias(template)
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

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::StatusCode;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn panics_at_once() -> StatusCode {
        panic!("the secret is 42")
    }

    async fn panics_later() -> StatusCode {
        tokio::task::yield_now().await;
        panic!("the secret is 42")
    }

    #[tokio::test]
    async fn a_panic_is_answered_with_500_and_tells_nothing() {
        let app = Router::new().route("/now", get(panics_at_once)).route("/later", get(panics_later));
        let app = app.layer(Observe::new("node", "http://a.test", 0, []));
        for path in ["/now", "/later"] {
            let answer = app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert!(answer.headers().contains_key(REQUEST_ID));
            assert!(!answer.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
            let body = to_bytes(answer.into_body(), 1000).await.unwrap();
            let body = std::str::from_utf8(&body).unwrap();
            assert!(body.contains("InternalError") && !body.contains("secret"), "{body}");
        }
    }

    #[tokio::test]
    async fn a_refusal_gets_its_body_and_keeps_the_headers_beside_it() {
        let app = Router::new().route("/", get(async || Failure::not_found("nothing")));
        let app = app.layer(Observe::new("node", "https://a.test", 36, []));
        let refused = |method: &str| Request::builder().method(method).uri("/").body(Body::empty()).unwrap();
        let answer = app.clone().oneshot(refused("GET")).await.unwrap();
        assert_eq!(answer.headers()[REQUEST_ID], "0000000000010-0000000");
        assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
        assert_eq!(answer.headers()[header::STRICT_TRANSPORT_SECURITY], "max-age=31536000");
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
        let answer = app.oneshot(refused("POST")).await.unwrap();
        assert_eq!(
            (answer.status(), &answer.headers()[header::ALLOW]),
            (StatusCode::METHOD_NOT_ALLOWED, &"GET,HEAD".parse().unwrap())
        );
    }
}
