use std::sync::Arc;

use portcullis_types::guard::SessionContext;
use portcullis_types::{Caller, Timestamp};
use serde_json::{Map, Value};

use crate::guard::Contexts;
use crate::session::Touch;

/// What a verified credential told: who sent it, and what else it says. Cheap to clone.
#[derive(Clone)]
pub struct Bearer {
    /// Who sent it.
    pub caller: Caller,
    /// What else it says.
    pub facts: Arc<TokenFacts>,
}

/// What a token says besides whose it is.
pub struct TokenFacts {
    /// Every claim but those that are about the token's validity.
    pub claims: Map<String, Value>,
    /// What the token is limited to, if it says so (`scope`).
    pub scopes: Option<Vec<String>>,
    /// Whom it is for (`aud`).
    pub audience: Vec<String>,
    /// Since when.
    pub issued_at: Option<Timestamp>,
    /// The product of the application that it was issued to.
    pub product: Option<Arc<str>>,
    /// The session that it belongs to, as it is stored.
    pub session: Option<SessionContext>,
    /// The key of ours that signed it: once that is gone, so is the token.
    pub(crate) signing_key: Option<Arc<str>>,
    /// `jti`, if it has one.
    pub(crate) token_id: Option<String>,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When the use of its session was last noted.
    pub(crate) touch: Option<Touch>,
    /// The contexts that were put together for it.
    pub(crate) contexts: Contexts,
}

impl TokenFacts {
    /// Of a credential that says nothing about itself: an access key as it is.
    pub fn bare(expires_at: Timestamp) -> Self {
        Self {
            claims: Map::new(),
            scopes: None,
            audience: Vec::new(),
            issued_at: None,
            product: None,
            session: None,
            signing_key: None,
            token_id: None,
            expires_at,
            touch: None,
            contexts: Contexts::default(),
        }
    }

    /// The application or client that it says it was issued to (`client_id`).
    pub(crate) fn client_id(&self) -> Option<&str> {
        self.claims.get("client_id").and_then(Value::as_str)
    }
}
