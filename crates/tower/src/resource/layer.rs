use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use portcullis_types::AuthError;
use portcullis_types::protected_resource::{AccessToken, VerifyAccessToken};
use tower::Layer;

use super::describe::ProtectedResource;
use super::refusal::{ResourceRefusal, Why};
use super::token::ResourceToken;
use crate::gate::{Gate, Gated};
use crate::guard::in_query;
use crate::{RequestIds, bearer_credential};

/// Lets only requests through that carry an access token for this resource; made by [`ProtectedResource::layer`]. Handlers behind it
/// take the token with [`ResourceToken`], routes ask for scopes with [`require_scope`](crate::require_scope).
///
/// Put CORS outside of it: preflights carry no token. Its answers are [`ResourceRefusal`]s.
#[derive(Clone)]
pub struct ProtectedResourceLayer {
    inner: Arc<Inner>,
}

struct Inner {
    resource: Arc<ProtectedResource>,
    verifier: Arc<dyn VerifyAccessToken>,
    ids: RequestIds,
}

impl ProtectedResourceLayer {
    pub(super) fn new(resource: Arc<ProtectedResource>, verifier: Arc<dyn VerifyAccessToken>) -> Self {
        Self { inner: Arc::new(Inner { resource, verifier, ids: RequestIds::new(0) }) }
    }
}

impl std::fmt::Debug for ProtectedResourceLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProtectedResourceLayer")
            .field("resource", &self.inner.resource)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for ProtectedResourceLayer {
    type Service = Gated<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Gated::new(inner, self.clone())
    }
}

impl Gate for ProtectedResourceLayer {
    type Kept = ();

    async fn admit(&self, parts: &mut Parts) -> Result<(), Response> {
        let Inner { resource, ids, .. } = &*self.inner;
        let id = ids.of(&parts.extensions);
        match self.inner.verify(parts).await {
            Ok(token) => {
                parts.extensions.insert(ResourceToken::new(token, resource, id));
                Ok(())
            }
            Err(why) => Err(ResourceRefusal::new(why, resource, id).into_response()),
        }
    }
}

impl Inner {
    async fn verify(&self, parts: &Parts) -> Result<AccessToken, Why> {
        if parts.uri.query().is_some_and(in_query) {
            return Err(Why::InQuery);
        }
        let credential = bearer_credential(&parts.headers).map_err(Why::Bearer)?;
        let token = self.verifier.verify_access_token(credential).await.map_err(|error| match error {
            AuthError::Invalid { code, .. } if code.is_outage() => Why::Unavailable,
            AuthError::Invalid { reason, .. } => Why::Invalid(reason),
            // Also what later versions may add: refused, and not blamed on the caller.
            _ => Why::Unavailable,
        })?;
        // One for somebody else must not open this, however good it is (RFC 9068 §4, RFC 8707 §2).
        if token.has_audience(&self.resource.metadata().resource) {
            Ok(token)
        } else {
            Err(Why::Invalid("the token is for another resource"))
        }
    }
}
