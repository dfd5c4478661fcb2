//! People of a test: how they come to be, sign in, and get mail.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::mail::InboxMailer;
use portcullis::session::{self, Device};
use portcullis::sign_in::{self, Registered};
use portcullis::{Cx, Error, Portcullis, Result};
use portcullis_domain::UserProfile;
use portcullis_types::auth::TokenBody;
use portcullis_types::sign_in::SignInStatus;
use serde_json::json;

use crate::bed::Bed;
use crate::make::body;

/// A password that is taken.
pub(crate) const GOOD: &str = "seven quiet herons fold paper";
/// Another one that is taken.
pub(crate) const OTHER: &str = "forty red kites over a harbour";
/// A password that nobody has.
pub(crate) const WRONG: &str = "eleven loud geese tear cloth";

pub(crate) fn nobody() -> Cx {
    Cx::nobody(None)
}

/// Registers with [`GOOD`].
pub(crate) async fn register(node: &Portcullis, email: &str) -> Result<Registered> {
    sign_in::register(node, &nobody(), body(json!({"email": email, "password": GOOD}))).await
}

/// Registers with [`GOOD`] where no mail is sent; it must succeed.
pub(crate) async fn registered(node: &Portcullis, email: &str) -> UserProfile {
    match register(node, email).await {
        Ok(Registered::Created(user)) => user,
        other => panic!("{email}: {other:?}"),
    }
}

pub(crate) async fn log_in(node: &Portcullis, email: &str, password: &str) -> Result<TokenBody> {
    log_in_at(node, "main", email, password).await
}

pub(crate) async fn log_in_at(
    node: &Portcullis,
    pool: &str,
    email: &str,
    password: &str,
) -> Result<TokenBody> {
    let credentials = body(json!({"email": email, "password": password, "pool": pool}));
    session::log_in(node, Device::default(), credentials).await
}

pub(crate) async fn status(bed: &Bed, user_id: &str) -> SignInStatus {
    portcullis::user::sign_in_status(&bed.portcullis, &bed.owner, user_id).await.unwrap()
}

/// Another node of the installation, with an inbox that it sends to.
pub(crate) async fn mailing(bed: &Bed, name: &str) -> (Portcullis, Arc<InboxMailer>) {
    let inbox = Arc::new(InboxMailer::default());
    let mailer = Arc::clone(&inbox);
    (bed.node_with(name, |settings| settings.mailer = Some(mailer)).await, inbox)
}

/// The texts of the mails to an address, once there are so many.
pub(crate) async fn mails(inbox: &InboxMailer, to: &str, count: usize) -> Vec<String> {
    let asked = Instant::now();
    loop {
        let mails = inbox.to(to);
        if mails.len() >= count {
            assert_eq!(mails.len(), count, "{mails:?}");
            return mails.iter().map(|mail| format!("{}\n{}", mail.subject(), mail.text())).collect();
        }
        assert!(asked.elapsed() < Duration::from_secs(10), "no {count} mails to {to}: {mails:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The token of the link in a mail.
pub(crate) fn token(mail: &str) -> String {
    let (_, rest) = mail.split_once("?token=").expect("a link");
    rest.split_whitespace().next().unwrap().to_owned()
}

pub(crate) fn is_wrong<T: std::fmt::Debug>(answer: &Result<T>) -> bool {
    matches!(answer, Err(Error::InvalidCredentials))
}

/// The part of the request that was refused.
pub(crate) fn field<T: std::fmt::Debug>(answer: Result<T>) -> String {
    match answer {
        Err(Error::Invalid(refused)) => refused.field,
        other => panic!("{other:?}"),
    }
}
