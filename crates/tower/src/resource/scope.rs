use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use tower::Layer;

use super::token::ResourceToken;
use crate::gate::{Gate, Gated};

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
    type Service = Gated<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Gated::new(inner, self.clone())
    }
}

impl Gate for RequireScope {
    type Kept = ();

    async fn admit(&self, parts: &mut Parts) -> Result<(), Response> {
        let scopes: Vec<&str> = self.scopes.iter().map(String::as_str).collect();
        let required = ResourceToken::of(parts).and_then(|token| token.require(&scopes));
        required.map_err(IntoResponse::into_response)
    }
}
