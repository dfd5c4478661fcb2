use portcullis_types::credits::CreditShortage;
use portcullis_types::{FieldError, SettleError};
use thiserror::Error as ThisError;

use crate::Error;

/// Why the ledger did not do what it was asked.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum CreditError {
    /// The wallet holds too little. Nothing was held, and the key may be used again.
    #[error("the wallet holds too little")]
    Insufficient(Box<CreditShortage>),
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyConflict,
    /// The reservation was settled otherwise.
    #[error("the reservation was settled otherwise")]
    Closed,
    /// There is no such reservation.
    #[error("there is no such reservation")]
    NotFound,
    /// A part of the request cannot be accepted.
    #[error("{0}")]
    Invalid(#[from] FieldError),
    /// The ledger does not answer, or something is wrong with it.
    #[error("the ledger failed")]
    Failed(#[source] Error),
}

impl From<Error> for CreditError {
    fn from(error: Error) -> Self {
        match error {
            Error::CreditsInsufficient(shortage) => Self::Insufficient(shortage),
            Error::IdempotencyConflict => Self::IdempotencyConflict,
            Error::ReservationClosed => Self::Closed,
            Error::NotFound(_) => Self::NotFound,
            Error::Invalid(field) => Self::Invalid(field),
            error => Self::Failed(error),
        }
    }
}

impl From<CreditError> for SettleError {
    fn from(error: CreditError) -> Self {
        match error {
            CreditError::NotFound => Self::NotFound,
            CreditError::Closed | CreditError::IdempotencyConflict => Self::Closed,
            CreditError::Invalid(_) => Self::Invalid,
            CreditError::Insufficient(_) => Self::Unavailable,
            CreditError::Failed(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a reservation could not be settled"
                );
                Self::Unavailable
            }
        }
    }
}
