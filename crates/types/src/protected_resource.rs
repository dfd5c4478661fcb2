//! What an API needs of the access tokens that it takes, and what it says about itself (RFC 9728).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::guard::{AuthError, BoxFuture};

/// What a protected resource says about itself (RFC 9728 §2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProtectedResourceMetadata {
    /// Its identifier: what the audience of its access tokens says, and what clients ask for as `resource` (RFC 8707).
    pub resource: String,
    /// The issuers that give access tokens for it.
    pub authorization_servers: Vec<String>,
    /// The scopes by which access to it is asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// How it takes access tokens: `header` (RFC 6750 §2.1).
    pub bearer_methods_supported: Vec<String>,
    /// Its name, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// Where people who write clients read about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_documentation: Option<String>,
}

/// What a good access token says (RFC 9068 §2.2). `Debug` shows whose it is, and no other claim.
#[derive(Clone, PartialEq)]
pub struct AccessToken {
    /// `iss`.
    pub issuer: String,
    /// `sub`: a user's id, or that of the client itself.
    pub subject: String,
    /// `client_id`: the application that it was given to.
    pub client_id: Option<String>,
    /// `aud`: the resources that it is for.
    pub audience: Vec<String>,
    /// `scope`: what it is good for.
    pub scopes: Vec<String>,
    /// `exp`: it is good before this instant.
    pub expires_at: Timestamp,
    /// What it says besides, `client_id` and `scope` among it; not `iss sub aud exp nbf iat jti`.
    pub claims: Map<String, Value>,
}

impl AccessToken {
    /// A token whose `client_id` and `scope` (separated by spaces, RFC 6749 §3.3) are what `claims` says.
    pub fn new(
        issuer: impl Into<String>,
        subject: impl Into<String>,
        audience: Vec<String>,
        expires_at: Timestamp,
        claims: Map<String, Value>,
    ) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let scopes = text("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            client_id: text("client_id").map(str::to_owned),
            audience,
            scopes: scopes.map(str::to_owned).collect(),
            expires_at,
            claims,
        }
    }

    /// Whether it is for `resource`, compared byte for byte.
    pub fn has_audience(&self, resource: &str) -> bool {
        self.audience.iter().any(|audience| audience == resource)
    }

    /// Whether it is good for `scope`, compared byte for byte.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken")
            .field("issuer", &self.issuer)
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Whoever can tell whether an access token is good.
pub trait VerifyAccessToken: Send + Sync {
    /// Checks signature, issuer, kind (`at+jwt`) and times of `token`, which has no scheme before it. For whom it is, the caller asks
    /// [`AccessToken::has_audience`]. Whether it was revoked is known to whoever has the tokens at hand (the engine); who has published
    /// keys alone (the client) takes it until it expires.
    ///
    /// # Errors
    /// [`AuthError::Invalid`] for a token that is no good; anything else, such as an outage, says nothing about it, and is no yes.
    fn verify_access_token<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<AccessToken, AuthError>>;
}
