//! Mail to people: what is sent, and what sends it.
//!
//! | file | its question |
//! |---|---|
//! | `address.rs` | is this an address, and only that? [`MailAddress`] |
//! | `mail.rs` | what is sent? [`Mail`] |
//! | `message.rs` | which words? |
//! | `link.rs` | where does a link lead? |
//! | `post.rs` | how is it sent without the caller waiting, or telling by its time whether somebody is there? |
//! | `inbox.rs`, `file.rs`, `smtp.rs` | what sends it? [`InboxMailer`], [`FileMailer`], `SmtpMailer` |
//!
//! To add a way of sending: a file with a [`Mailer`], and its form in the server's setting `mail`.

mod address;
mod file;
mod inbox;
mod link;
#[expect(clippy::module_inception, reason = "the file is named after the one thing in it")]
mod mail;
mod mailer;
mod message;
mod post;
#[cfg(feature = "smtp")]
mod smtp;

pub use address::MailAddress;
pub use file::FileMailer;
pub use inbox::InboxMailer;
pub(crate) use link::MailLink;
pub use mail::Mail;
pub use mailer::{MailError, Mailer};
pub(crate) use message::{
    Link, already_registered, email_changed, password_changed, reset_password, verify_email,
};
pub(crate) use post::Post;
#[cfg(feature = "smtp")]
pub use smtp::SmtpMailer;
