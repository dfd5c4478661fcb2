use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{GuardCode, GuardOutcome, GuardRequest};
use crate::MicroCredits;
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
        /// The session that the token belongs to (`sid`); none for tokens that were minted without one.
        session_id: Option<Arc<str>>,
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
    /// An application that acts for itself (client credentials).
    Application {
        /// The application's id.
        client_id: Arc<str>,
    },
}

impl Caller {
    /// The id under which access records name this caller.
    pub fn principal(&self) -> &str {
        match self {
            Self::User { user_id, .. } => user_id,
            Self::Client { client_id, .. } | Self::Application { client_id } => client_id,
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { user_id, .. } => write!(f, "user {user_id}"),
            Self::Client { client_id, .. } => write!(f, "client {client_id}"),
            Self::Application { client_id } => write!(f, "application {client_id}"),
        }
    }
}

/// Why a bearer does not tell who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuthError {
    /// The credential is malformed, expired, revoked, or signed by an unknown key.
    Invalid {
        /// Which of these, for programs.
        code: GuardCode,
        /// For people; holds no part of the credential.
        reason: &'static str,
    },
    /// It could not be found out (storage did not answer): refuse, but say that it is not the caller's fault.
    Unavailable,
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { reason, .. } => write!(f, "invalid bearer: {reason}"),
            Self::Unavailable => f.write_str("the bearer could not be checked"),
        }
    }
}

impl std::error::Error for AuthError {}

/// Why held credits could not be settled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettleError {
    /// There is no such reservation.
    NotFound,
    /// It was settled otherwise before: released, or committed with another amount.
    Closed,
    /// The amount is negative or too large.
    Invalid,
    /// It could not be done; the same call may work later, and the reservation ends by itself if it never does.
    Unavailable,
}

impl fmt::Display for SettleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "there is no such reservation",
            Self::Closed => "the reservation was settled otherwise",
            Self::Invalid => "the amount cannot be accepted",
            Self::Unavailable => "the ledger does not answer",
        })
    }
}

impl std::error::Error for SettleError {}

/// The contract between an application (or our own routes) and Portcullis: in process the engine implements it, over the
/// wire the client does, and the tower layers call it without knowing which.
pub trait Guard: Send + Sync {
    /// Verifies a bearer credential (without the `Bearer ` prefix) and says who sent it.
    fn authenticate<'a>(&'a self, bearer: &'a str) -> BoxFuture<'a, Result<Caller, AuthError>>;

    /// Says who it is, whether they may, and whether they can pay; holds the price if the operation's rule says so. Never
    /// fails: what could not be asked is an outcome that does not allow.
    fn check<'a>(&'a self, request: GuardRequest<'a>) -> BoxFuture<'a, GuardOutcome>;

    /// Takes held credits: all that is held, or `amount`, with the rest given back. Gives what was taken. The same call
    /// again gives the same answer.
    fn commit<'a>(
        &'a self,
        reservation_id: &'a str,
        amount: Option<MicroCredits>,
    ) -> BoxFuture<'a, Result<MicroCredits, SettleError>>;

    /// Gives held credits back. The same call again, or after they came back by themselves, does nothing.
    fn release<'a>(&'a self, reservation_id: &'a str) -> BoxFuture<'a, Result<(), SettleError>>;
}
