//! The OAuth 2.1 and OpenID Connect provider: how applications come by tokens, and what tokens are worth.
//!
//! What a person gives an application is a session with an `application` part (`session`), so that it is refreshed, listed and ended
//! like every other. What an application has for itself is a signed token and nothing else.
//!
//! | file | its question |
//! |---|---|
//! | `parameters.rs`, `error.rs`, `scope.rs` | how is a request read, and refused? |
//! | `client_authentication/` | which application asks? |
//! | `grant/` | how does it come by tokens? One file a grant |
//! | `device/` | how does a device without a browser sign its user in? |
//! | `person.rs` | who may sign in to it? |
//! | `issue.rs`, `grant_access.rs` | what does it get from a person? |
//! | `access_token.rs`, `id_token.rs`, `claims.rs` | what do the tokens say? |
//! | `introspect.rs`, `verify_access_token.rs`, `revoke.rs`, `user_info.rs` | what is a token worth, and to whom? |
//! | `authorize/` | how does a person come to grant something in a browser? |
//! | `consent/` | what did people grant, and how do they take it back? |
//! | `end_session.rs` | how does a person sign out from an application? |
//! | `metadata.rs` | what of this does discovery tell? |
//!
//! Endpoints take [`Parameters`] and answer with [`OAuthError`]s (RFC 6749 §5.2), never with problems.
//!
//! Kinds of token cannot stand in for each other (TK-13): access tokens have `typ` `at+jwt` and ID tokens `JWT`, and each reader asks for
//! its own; the id of a token that an application has for itself begins with `mat_`, and no other does.

mod access_token;
pub mod authorize;
mod claims;
mod client_authentication;
pub mod consent;
pub mod device;
pub mod end_session;
mod error;
mod grant;
mod grant_access;
mod id_token;
mod introspect;
mod issue;
mod metadata;
mod parameters;
mod person;
mod revoke;
mod scope;
mod signing;
mod user_info;
mod verify_access_token;

pub(crate) use access_token::APPLICATION_TOKEN;
pub use claims::{ClaimWish, ClaimsRequest};
pub use client_authentication::{AuthenticatedClient, authenticate_client};
pub use error::{OAuthError, OAuthErrorCode};
pub use grant::token;
pub use grant_access::{Access, grant_access};
pub use introspect::introspect;
pub(crate) use issue::{Granted, audience_of, issue, may_have_audience};
pub use metadata::metadata;
pub use parameters::Parameters;
use person::may_use;
pub(crate) use person::pool_of;
pub use revoke::revoke;
pub use scope::ScopeSet;
use signing::{algorithm, sign};
pub(crate) use signing::{is_ready, ready};
pub use user_info::user_info;

/// Runs what writes to its end, also when whoever asked for it goes away.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, OAuthError>> + Send + 'static,
) -> Result<T, OAuthError> {
    tokio::spawn(work).await.map_err(crate::Error::from)?
}
