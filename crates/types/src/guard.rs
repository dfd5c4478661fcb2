use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::authress::ClientOptions;

/// A boxed `Send` future, so that [`Guard`] can be used as `Arc<dyn Guard>`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Who is asking, after the bearer was verified.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Caller {
    /// A person, by user id.
    User {
        /// `sub` of the token.
        user_id: Arc<str>,
        /// Set when the token is limited to statements of its own: its id (`jti`).
        limited_by: Option<Arc<str>>,
    },
    /// A machine.
    Client {
        /// The service client's id.
        client_id: Arc<str>,
        /// The access key that signed, or was sent.
        key_id: Arc<str>,
        /// What the client may do without an access record.
        options: ClientOptions,
    },
}

impl Caller {
    /// The id under which access records name this caller.
    pub fn principal(&self) -> &str {
        match self {
            Self::User { user_id, .. } => user_id,
            Self::Client { client_id, .. } => client_id,
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { user_id, .. } => write!(f, "user {user_id}"),
            Self::Client { client_id, .. } => write!(f, "client {client_id}"),
        }
    }
}

/// Why a bearer does not tell who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// The credential is malformed, expired, revoked, or signed by an unknown key. The text is for people and holds no
    /// part of the credential.
    Invalid(&'static str),
    /// It could not be found out (storage did not answer): refuse, but say that it is not the caller's fault.
    Unavailable,
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(reason) => write!(f, "invalid bearer: {reason}"),
            Self::Unavailable => f.write_str("the bearer could not be checked"),
        }
    }
}

impl std::error::Error for AuthError {}

/// The contract between an application (or our own routes) and Portcullis: in process the engine implements it, over the
/// wire the client does, and the tower layers call it without knowing which.
pub trait Guard: Send + Sync {
    /// Verifies a bearer credential (without the `Bearer ` prefix) and says who sent it.
    fn authenticate<'a>(&'a self, bearer: &'a str) -> BoxFuture<'a, Result<Caller, AuthError>>;
}
