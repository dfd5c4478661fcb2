use portcullis_types::BoxFuture;
use thiserror::Error;

use super::Mail;

/// What sends mail.
pub trait Mailer: Send + Sync {
    /// Hands a mail over to whatever delivers it; that is all that a success says.
    ///
    /// Must come to an end: whoever calls it sets no time limit of their own.
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>>;
}

/// Why a mail was not handed over. Never holds its text.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MailError {
    /// This mail will never be taken: the address or the content was refused.
    #[error("the mail was refused")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It could not be handed over now.
    #[error("the mail could not be handed over")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The configuration names no way to send mail.
    #[error("mail: expected {0}")]
    Configuration(&'static str),
}
