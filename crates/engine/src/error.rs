use portcullis_domain::TooLarge;
use portcullis_jose::{AccessKeyError, KeyError, SealError, SignError};
use portcullis_store::StoreError;
use portcullis_types::credits::CreditShortage;
use portcullis_types::{FieldError, GuardCode, RngError, Timestamp};
use thiserror::Error;

use crate::credits::CreditError;

/// What a use case answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not do what it was asked. Grouped by who can mend it: the caller, or us.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A part of the request cannot be accepted.
    #[error("{0}")]
    Invalid(#[from] FieldError),
    /// An access request's content cannot be accepted (the Authress API has a status of its own for these).
    #[error("{0}")]
    Unprocessable(FieldError),
    /// The credential of a sign-in, a refresh or a log-out is not good for it; the code says why.
    #[error("{reason}")]
    Unauthenticated {
        /// For programs. [`GuardCode::VerificationUnavailable`] if it could not be found out.
        code: GuardCode,
        /// For people; holds no part of the credential.
        reason: &'static str,
    },
    /// The password is wrong, nobody has the address, or whoever has it may not sign in: which of these is not told.
    #[error("the address or the password is wrong")]
    InvalidCredentials,
    /// The password was right, and the pool asks for an address that is proven.
    #[error("the e-mail address must be verified first")]
    EmailNotVerified,
    /// Nobody registers themselves in this user pool.
    #[error("registration is closed")]
    RegistrationClosed,
    /// The address is somebody's in this user pool.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The caller is known, and may not do this.
    #[error("the caller needs {action} on {resource}")]
    Forbidden {
        /// The permission that the caller lacks.
        action: String,
        /// On which resource.
        resource: String,
    },
    /// It does not exist, or the caller may not know that it does.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// A thing of this id exists already, or this was done before. The text says what.
    #[error("{0}")]
    Conflict(&'static str),
    /// The wallet holds too little.
    #[error("the wallet holds too little")]
    CreditsInsufficient(Box<CreditShortage>),
    /// The reservation was settled otherwise: released, expired, or committed with another amount.
    #[error("the reservation was settled otherwise")]
    ReservationClosed,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyConflict,
    /// `If-Unmodified-Since` is before the last change.
    #[error("changed since")]
    ChangedSince {
        /// When it last changed.
        last_updated: Timestamp,
    },
    /// A record or a group is larger than allowed.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// As many passwords wait to be computed as may. Nothing was done.
    #[error("too busy; try again in {retry_after_secs} seconds")]
    Busy {
        /// When to try again, in seconds.
        retry_after_secs: u32,
    },
    /// Too many attempts failed, so that this one was not made.
    #[error("too many attempts; try again in {retry_after_secs} seconds")]
    TooManyAttempts {
        /// When to try again, in seconds.
        retry_after_secs: u32,
    },
    /// Storage does not answer; the same call may work later.
    #[error("storage is not available")]
    Unavailable(#[source] StoreError),
    /// Anything that is our fault.
    #[error("internal failure")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl From<StoreError> for Error {
    fn from(source: StoreError) -> Self {
        if source.is_unavailable() { Self::Unavailable(source) } else { Self::internal(source) }
    }
}

impl From<CreditError> for Error {
    fn from(source: CreditError) -> Self {
        match source {
            CreditError::Insufficient(shortage) => Self::CreditsInsufficient(shortage),
            CreditError::IdempotencyConflict => Self::IdempotencyConflict,
            CreditError::Closed => Self::ReservationClosed,
            CreditError::NotFound => Self::NotFound("reservation"),
            CreditError::Invalid(field) => Self::Invalid(field),
            CreditError::Failed(error) => error,
        }
    }
}

macro_rules! internal {
    ($($source:ty),*) => { $( impl From<$source> for Error {
        fn from(source: $source) -> Self {
            Self::internal(source)
        }
    } )* };
}

internal!(RngError, KeyError, SealError, SignError, AccessKeyError, tokio::task::JoinError);
