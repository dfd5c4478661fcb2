use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use portcullis_types::protected_resource::AccessToken;

use super::describe::ProtectedResource;
use super::refusal::{ResourceRefusal, Why};
use crate::RequestId;

/// Extracts the access token of a request behind a [`ProtectedResourceLayer`](crate::ProtectedResourceLayer): good, and for this
/// resource. Elsewhere it refuses with 500, since a route that forgot its layer must not run.
#[derive(Clone, Debug)]
pub struct ResourceToken {
    token: Arc<AccessToken>,
    resource: Arc<ProtectedResource>,
    id: RequestId,
}

impl ResourceToken {
    pub(super) fn new(token: AccessToken, resource: &Arc<ProtectedResource>, id: RequestId) -> Self {
        Self { token: Arc::new(token), resource: Arc::clone(resource), id }
    }

    /// Refuses unless the token has every one of these scopes. For what depends on the request; else see
    /// [`require_scope`](crate::require_scope).
    ///
    /// # Errors
    /// 403 `insufficient_scope`, which names all of them.
    pub fn require(&self, scopes: &[&str]) -> Result<(), ResourceRefusal> {
        if scopes.iter().all(|scope| self.token.has_scope(scope)) {
            return Ok(());
        }
        let needed = Why::Scope(scopes.join(" ").into());
        Err(ResourceRefusal::new(needed, &self.resource, self.id.clone()))
    }

    pub(super) fn of(parts: &Parts) -> Result<&Self, ResourceRefusal> {
        parts.extensions.get::<Self>().ok_or_else(ResourceRefusal::no_layer)
    }
}

impl Deref for ResourceToken {
    type Target = AccessToken;

    fn deref(&self) -> &AccessToken {
        &self.token
    }
}

impl<S: Sync> FromRequestParts<S> for ResourceToken {
    type Rejection = ResourceRefusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ResourceRefusal> {
        Self::of(parts).cloned()
    }
}
