use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::{Mail, MailError, Mailer};

/// The most mails on their way at once.
const PLACES: u32 = 256;
/// How long closing waits for mails on their way.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends mails beside the requests that cause them: how long an answer takes must not tell whether there was somebody to
/// write to (AU-09).
pub(crate) struct Post {
    mailer: Option<Arc<dyn Mailer>>,
    places: Arc<Semaphore>,
    patience: Duration,
}

impl Post {
    pub(crate) fn new(mailer: Option<Arc<dyn Mailer>>) -> Self {
        Self { mailer, places: Arc::new(Semaphore::new(PLACES as usize)), patience: PATIENCE }
    }

    /// Whether mails are sent at all.
    pub(crate) fn is_there(&self) -> bool {
        self.mailer.is_some()
    }

    /// Sends a mail, and returns before it is sent. One that cannot be sent is told to the log, without its text and without
    /// the address; so is one for which there is no place because too many are on their way.
    pub(crate) fn send(&self, mail: Mail) {
        let Some(mailer) = self.mailer.clone() else { return };
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            metrics::counter!("portcullis_mails_total", "outcome" => "dropped").increment(1);
            tracing::error!(subject = mail.subject(), "a mail was dropped: too many are on their way");
            return;
        };
        tokio::spawn(async move {
            let sent = mailer.send(&mail).await;
            let outcome = if sent.is_ok() { "sent" } else { "failed" };
            metrics::counter!("portcullis_mails_total", "outcome" => outcome).increment(1);
            if let Err(error) = sent {
                tell(&error, &mail);
            }
            drop(place);
        });
    }

    /// Waits a while for mails on their way, and takes no more.
    pub(crate) async fn close(&self) {
        let all = self.places.acquire_many(PLACES);
        if tokio::time::timeout(self.patience, all).await.is_err() {
            tracing::warn!("mails on their way are given up");
        }
        self.places.close();
    }
}

fn tell(error: &MailError, mail: &Mail) {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    tracing::error!(%error, cause, subject = mail.subject(), "a mail was not sent");
}

#[cfg(test)]
mod tests {
    use portcullis_types::BoxFuture;

    use super::super::InboxMailer;
    use super::*;

    struct Stuck;

    impl Mailer for Stuck {
        fn send<'a>(&'a self, _: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
            Box::pin(std::future::pending())
        }
    }

    fn mail() -> Mail {
        Mail::new("alice@example.org".parse().unwrap(), "Hello", "text")
    }

    #[tokio::test]
    async fn closing_waits_for_what_is_on_its_way() {
        let inbox = Arc::new(InboxMailer::default());
        let post = Post::new(Some(Arc::clone(&inbox) as Arc<dyn Mailer>));
        post.send(mail());
        post.close().await;
        assert_eq!(inbox.mails(), [mail()]);
        post.send(mail());
        assert_eq!(inbox.mails().len(), 1, "closed");
    }

    #[tokio::test]
    async fn a_mailer_that_hangs_holds_a_bounded_number_of_mails_and_nobody_up() {
        let post = Post { patience: Duration::from_millis(1), ..Post::new(Some(Arc::new(Stuck))) };
        for _ in 0..PLACES + 10 {
            post.send(mail());
        }
        assert_eq!(post.places.available_permits(), 0);
        post.close().await;
    }
}
