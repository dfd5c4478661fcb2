use std::sync::Arc;

use portcullis_types::Guard;
use tower::Layer;

use super::BearerService;
use crate::RequestIds;

/// Lets only requests through whose bearer a [`Guard`] can name, and gives the [`Caller`](portcullis_types::Caller) to them as
/// an extension. The credential itself is not handed on there.
///
/// A request must carry exactly one `Authorization` header. Answers of its own, all problem details:
///
/// | status | `errorCode` | when |
/// |---|---|---|
/// | 400 | `InvalidRequest` | several `Authorization` headers (they may not agree about who is asking) |
/// | 401 | `Unauthenticated` | none, or another scheme; with `WWW-Authenticate` |
/// | 401 | of [`GuardCode`](portcullis_types::GuardCode), such as `token_expired` | a credential that the guard refuses; with `WWW-Authenticate` and its `error="invalid_token"` (RFC 6750 §3.1) |
/// | 503 | `Unavailable` | the guard could not find out; with `Retry-After` |
#[derive(Clone)]
pub struct BearerLayer {
    guard: Arc<dyn Guard>,
    ids: Arc<RequestIds>,
    metadata: Option<Arc<str>>,
}

impl BearerLayer {
    /// Asks `guard`. Problems of requests without a [`RequestId`](crate::RequestId) get ids that count from 0.
    pub fn new(guard: Arc<dyn Guard>) -> Self {
        Self { guard, ids: Arc::new(RequestIds::new(0)), metadata: None }
    }

    /// Says in every 401 where the metadata of the protected resource is (RFC 9728 §5.1): see
    /// [`ProtectedResource::metadata_url`](crate::ProtectedResource::metadata_url).
    #[must_use]
    pub fn resource_metadata(mut self, url: impl Into<String>) -> Self {
        self.metadata = Some(Arc::from(url.into()));
        self
    }
}

impl std::fmt::Debug for BearerLayer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BearerLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for BearerLayer {
    type Service = BearerService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BearerService::new(inner, Arc::clone(&self.guard), Arc::clone(&self.ids), self.metadata.clone())
    }
}
