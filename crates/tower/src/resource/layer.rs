use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::http::Request;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use portcullis_types::AuthError;
use portcullis_types::protected_resource::{AccessToken, VerifyAccessToken};
use tower::{Layer, Service};

use super::describe::ProtectedResource;
use super::refusal::{ResourceRefusal, Why};
use super::token::ResourceToken;
use crate::guard::in_query;
use crate::{RequestId, RequestIds, bearer_credential};

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
    type Service = ProtectedResourceService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ProtectedResourceService { inner, layer: self.clone() }
    }
}

/// See [`ProtectedResourceLayer`].
#[derive(Clone, Debug)]
pub struct ProtectedResourceService<S> {
    inner: S,
    layer: ProtectedResourceLayer,
}

impl<S, B> Service<Request<B>> for ProtectedResourceService<S>
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
        let layer = Arc::clone(&self.layer.inner);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let id = RequestId::of(&parts.extensions).cloned().unwrap_or_else(|| layer.ids.mint());
            match layer.verify(&parts).await {
                Ok(token) => {
                    parts.extensions.insert(ResourceToken::new(token, &layer.resource, id));
                    inner.call(Request::from_parts(parts, body)).await.map(IntoResponse::into_response)
                }
                Err(why) => Ok(ResourceRefusal::new(why, &layer.resource, id).into_response()),
            }
        })
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
