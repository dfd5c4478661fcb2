use thiserror::Error;

use crate::Error;

/// Why a password could not be hashed, compared or judged.
#[derive(Debug, Error)]
pub(crate) enum PasswordError {
    /// As many wait as may.
    #[error("the password queue is full")]
    Busy {
        /// When it is likely to be shorter.
        retry_after_secs: u32,
    },
    /// This installation is closed.
    #[error("the password pool is closed")]
    Closed,
    /// No thread could be started.
    #[error("the password pool has no thread")]
    Thread(#[source] std::io::Error),
    /// There is no memory of the configured size.
    #[error("no memory to hash a password")]
    Memory,
    /// The list of breached passwords cannot be read: no password is taken unread.
    #[error("the list of breached passwords cannot be read")]
    Breached(#[source] std::io::Error),
    /// A stored hash is in none of the known formats.
    #[error("a stored password hash cannot be read")]
    Unreadable,
    /// A hash function refused its parameters.
    #[error("a password cannot be hashed: {0}")]
    Hash(&'static str),
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy { retry_after_secs } => Self::Busy { retry_after_secs },
            error => Self::internal(error),
        }
    }
}
