//! Which routes need a bearer, and what happens to paths that match none.

use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::any;
use portcullis::Portcullis;
use portcullis_tower::{BearerLayer, ProblemResponse};
use tower::Service;

use crate::HttpOptions;
use crate::api::Api;
use crate::call::Call;
use crate::failure::Failure;
use crate::observe::Observe;
use crate::{pages, routes};

/// The whole HTTP API over `portcullis`, as a router to merge, nest or serve.
///
/// See [`service`], which is the same with one router less on the way.
pub fn router(portcullis: Portcullis, options: HttpOptions) -> Router {
    Router::new().fallback_service(service(portcullis, options))
}

/// The whole HTTP API over `portcullis`.
///
/// Install the recorder of the `metrics` crate before the first request: handles are made once and kept.
///
/// Answers that every path can give: 401 without a good bearer (except where the document says `security: [{}]`, and on paths
/// outside `/v1` and `/api` that are not there), 404 for a path that is not there, 405 with `Allow`, 500 if a handler
/// panics. All refusals are problem details (spec `authress-api.md` §1.4).
pub fn service(portcullis: Portcullis, options: HttpOptions) -> HttpService {
    let bearer = BearerLayer::new(Arc::new(portcullis.clone()));
    let (guarded, described) = routes::guarded().split_for_parts();
    let (public, described_public) = routes::public().split_for_parts();
    let templates = described.paths.paths.into_keys().chain(described_public.paths.paths.into_keys());
    let templates = templates.chain(routes::unavailable::TEMPLATES.iter().map(|path| (*path).to_owned()));
    let templates = templates.chain(pages::templates().map(str::to_owned));
    let templates = templates.chain(routes::alias_paths(&options.oauth_prefixes));
    let aliases = routes::aliases(&options.oauth_prefixes);
    pages::log_cookies(portcullis.public_url());
    let observe = Observe::new(portcullis.node(), portcullis.public_url(), seed(&portcullis), templates);
    let api = Api::new(portcullis, options);

    let guarded = guarded
        .merge(routes::unavailable::guarded())
        .method_not_allowed_fallback(method_not_allowed)
        .layer(bearer.clone());
    let public = public.merge(routes::unavailable::public()).merge(pages::router()).merge(aliases);
    let public = public.method_not_allowed_fallback(method_not_allowed);
    let known: Router = guarded.merge(public).layer(observe.clone()).with_state(api.clone());

    let unknown = Router::new()
        .route("/v1/{*rest}", any(unknown_to_caller))
        .route("/api/{*rest}", any(unknown_to_caller))
        .layer(bearer)
        .fallback(unknown_to_all)
        .layer(observe.clone())
        .with_state(api.clone());
    // What matches directly, which is nearly everything, pays nothing for the tolerance towards slashes.
    let normalised = known.clone().fallback_service(unknown);
    let routed = known.fallback_service(Normalise { normalised });
    HttpService { inner: routes::Direct::new(api, &observe, routed) }
}

/// The HTTP API as a service that is always ready: see [`service`]. Cheap to clone.
#[derive(Clone)]
pub struct HttpService {
    inner: routes::Direct,
}

impl std::fmt::Debug for HttpService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

impl Service<Request> for HttpService {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        self.inner.call(request)
    }
}

/// Node, process and start together: what tells the request ids of several processes apart. They are names, not secrets.
fn seed(portcullis: &Portcullis) -> u64 {
    let mut hasher = DefaultHasher::new();
    (portcullis.node(), std::process::id(), portcullis.now().micros()).hash(&mut hasher);
    hasher.finish()
}

async fn method_not_allowed() -> Failure {
    let problem =
        ProblemResponse::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed", "MethodNotAllowed");
    Failure::new(problem.with_detail("the header Allow names the methods of this path"))
}

async fn unknown_to_caller(_call: Call) -> Failure {
    unknown_to_all().await
}

async fn unknown_to_all() -> Failure {
    Failure::not_found("there is no such path")
}

/// Routes paths again that matched nothing, without one extra slash at the beginning and one at the end: clients write
/// `//v1/…` when their address ends in a slash, and `/v1/connections/` (spec `authress-api.md` §1.2). Nothing inside is touched.
#[derive(Clone)]
struct Normalise {
    normalised: Router,
}

impl Service<Request> for Normalise {
    type Response = Response;
    type Error = Infallible;
    type Future = <Router as Service<Request>>::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.normalised, cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Some(uri) = normalised(request.uri()) {
            *request.uri_mut() = uri;
        }
        self.normalised.call(request)
    }
}

/// The address without the extra slashes; `None` if there are none.
fn normalised(uri: &Uri) -> Option<Uri> {
    let given = uri.path();
    let path = if given.starts_with("//") { given.get(1..)? } else { given };
    let path = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path);
    if path.len() == given.len() {
        return None;
    }
    let target = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az_07_only_one_slash_at_each_end_is_forgiven() {
        let normal = |text: &str| normalised(&text.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(normal("//v1/roles").as_deref(), Some("/v1/roles"));
        assert_eq!(normal("/v1/roles/").as_deref(), Some("/v1/roles"));
        assert_eq!(normal("//v1/a%2Fb//c|d/?x=%2F").as_deref(), Some("/v1/a%2Fb//c|d?x=%2F"));
        assert_eq!(normal("///v1").as_deref(), Some("//v1"));
        assert_eq!(normal("http://h/v1/").as_deref(), Some("http://h/v1"));
        for unchanged in ["/", "/v1/roles", "/v1//roles", "/v1/a%2F"] {
            assert_eq!(normal(unchanged), None, "{unchanged}");
        }
    }
}
