use std::borrow::Cow;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use portcullis_types::guard::{BillingMode, GuardResource};
use serde_json::{Map, Value};
use tower::Layer;

use super::ask::{Question, ask};
use crate::gate::{Gate, Gated};
use crate::guard::state::GuardState;

type FromParts<T> = Arc<dyn Fn(&Parts) -> T + Send + Sync>;

/// Lets only requests through that may do an operation, and holds its price: a layer for routes behind a
/// [`GuardLayer`](crate::GuardLayer). The handler may take the [`GuardPass`](crate::GuardPass).
///
/// Use `route_layer`, so that what no route matches stays 404.
///
/// ```
/// use axum::{Router, routing::post};
/// use portcullis_tower::{path_param, require_op};
/// use portcullis_types::guard::{BillingMode, GuardResource};
///
/// let pages = |parts: &axum::http::request::Parts| path_param(parts, "pages")?.parse().ok();
/// let document = |parts: &axum::http::request::Parts| {
///     Some(GuardResource { id: path_param(parts, "id"), ..GuardResource::default() })
/// };
/// let print = require_op("print_document").resource(document).units(pages).billing(BillingMode::Reserve);
/// let app: Router = Router::new().route("/documents/{id}/print/{pages}", post(async || "printed").route_layer(print));
/// ```
pub fn require_op(operation: impl Into<Cow<'static, str>>) -> RequireOp {
    RequireOp { operation: operation.into(), resource: None, units: None, metadata: None, billing: None }
}

/// See [`require_op`].
#[derive(Clone)]
pub struct RequireOp {
    operation: Cow<'static, str>,
    resource: Option<FromParts<Option<GuardResource>>>,
    units: Option<FromParts<Option<u64>>>,
    metadata: Option<FromParts<Map<String, Value>>>,
    billing: Option<BillingMode>,
}

impl RequireOp {
    /// What the operation is done to; see [`path_param`](crate::path_param). Never from what the end user claims about it.
    #[must_use]
    pub fn resource(
        mut self,
        resource: impl Fn(&Parts) -> Option<GuardResource> + Send + Sync + 'static,
    ) -> Self {
        self.resource = Some(Arc::new(resource));
        self
    }

    /// How many units it takes, for a price per unit. The application measures them.
    #[must_use]
    pub fn units(mut self, units: impl Fn(&Parts) -> Option<u64> + Send + Sync + 'static) -> Self {
        self.units = Some(Arc::new(units));
        self
    }

    /// More for the guard: hints about the context, attributes for policies.
    #[must_use]
    pub fn metadata(
        mut self,
        metadata: impl Fn(&Parts) -> Map<String, Value> + Send + Sync + 'static,
    ) -> Self {
        self.metadata = Some(Arc::new(metadata));
        self
    }

    /// What is done about the price; without it, what the operation's rule says.
    #[must_use]
    pub fn billing(mut self, mode: BillingMode) -> Self {
        self.billing = Some(mode);
        self
    }

    fn question(&self, parts: &Parts) -> Question {
        Question {
            operation: self.operation.clone(),
            resource: self.resource.as_ref().and_then(|resource| resource(parts)),
            billing: self.billing,
            units: self.units.as_ref().and_then(|units| units(parts)),
            metadata: self.metadata.as_ref().map_or_else(Map::new, |metadata| metadata(parts)),
        }
    }
}

impl std::fmt::Debug for RequireOp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequireOp").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl<S> Layer<S> for RequireOp {
    type Service = Gated<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Gated::new(inner, self.clone())
    }
}

impl Gate for RequireOp {
    type Kept = ();

    async fn admit(&self, parts: &mut Parts) -> Result<(), Response> {
        let asked = match GuardState::of(parts) {
            Ok(state) => ask(state, self.question(parts)).await,
            Err(refusal) => Err(refusal),
        };
        let pass = asked.map_err(IntoResponse::into_response)?;
        parts.extensions.insert(pass);
        Ok(())
    }
}
