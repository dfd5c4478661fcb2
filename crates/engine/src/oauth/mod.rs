//! The OAuth 2.1 and OpenID Connect provider: how applications come by tokens, and what tokens are worth.
//!
//! What a person gives an application is a session with an `application` part (`session`), so that it is refreshed, listed and ended
//! like every other. What an application is given for itself is a signed token and nothing else.
//!
//! Endpoints take [`Parameters`] and answer with [`OAuthError`]s (RFC 6749 §5.2), never with problems.

pub mod authorize;
mod client_authentication;
pub mod consent;
mod error;
mod parameters;
mod scope;

pub use client_authentication::{AuthenticatedClient, authenticate_client};
pub use error::{OAuthError, OAuthErrorCode};
pub use parameters::Parameters;
pub use scope::ScopeSet;
