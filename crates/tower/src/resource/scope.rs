use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Request;
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};

use super::token::ResourceToken;

/// Lets only requests through whose access token has `scope`: a layer for routes behind a
/// [`ProtectedResourceLayer`](crate::ProtectedResourceLayer). Use `route_layer`, so that what no route matches stays 404.
///
/// ```
/// use axum::{Router, routing::post};
/// use portcullis_tower::require_scope;
///
/// let app: Router = Router::new()
///     .route("/files", post(async || "written").route_layer(require_scope("files:read").and("files:write")));
/// ```
pub fn require_scope(scope: impl Into<String>) -> RequireScope {
    RequireScope { scopes: Arc::from([scope.into()]) }
}

/// See [`require_scope`].
#[derive(Clone, Debug)]
pub struct RequireScope {
    scopes: Arc<[String]>,
}

impl RequireScope {
    /// And this one too.
    #[must_use]
    pub fn and(self, scope: impl Into<String>) -> Self {
        Self { scopes: self.scopes.iter().cloned().chain([scope.into()]).collect() }
    }
}

impl<S> Layer<S> for RequireScope {
    type Service = RequireScopeService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireScopeService { inner, require: self.clone() }
    }
}

/// See [`require_scope`].
#[derive(Clone, Debug)]
pub struct RequireScopeService<S> {
    inner: S,
    require: RequireScope,
}

impl<S, B> Service<Request<B>> for RequireScopeService<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
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
        let require = self.require.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let scopes: Vec<&str> = require.scopes.iter().map(String::as_str).collect();
            match ResourceToken::of(&parts).and_then(|token| token.require(&scopes)) {
                Ok(()) => inner.call(Request::from_parts(parts, body)).await.map(IntoResponse::into_response),
                Err(refusal) => Ok(refusal.into_response()),
            }
        })
    }
}
