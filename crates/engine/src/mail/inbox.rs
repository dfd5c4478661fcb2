use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use portcullis_types::BoxFuture;

use super::{Mail, MailError, Mailer};

/// Keeps mails in memory instead of sending them, for tests and development: the last so many, the oldest first.
#[derive(Debug)]
pub struct InboxMailer {
    mails: Mutex<VecDeque<Mail>>,
    capacity: usize,
}

impl Default for InboxMailer {
    /// Keeps 1,000 mails.
    fn default() -> Self {
        Self::new(1_000)
    }
}

impl InboxMailer {
    /// Keeps the last `capacity` mails.
    pub const fn new(capacity: usize) -> Self {
        Self { mails: Mutex::new(VecDeque::new()), capacity }
    }

    /// All that are kept.
    pub fn mails(&self) -> Vec<Mail> {
        self.lock().iter().cloned().collect()
    }

    /// Those to this address, compared exactly.
    pub fn to(&self, address: &str) -> Vec<Mail> {
        self.lock().iter().filter(|mail| mail.to().as_str() == address).cloned().collect()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Mail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mailer for InboxMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        Box::pin(async move {
            let mut mails = self.lock();
            mails.push_back(mail.clone());
            while mails.len() > self.capacity {
                mails.pop_front();
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_so_many_are_kept() {
        let inbox = InboxMailer::new(2);
        for number in 0..3 {
            let to = format!("a{}@example.org", number % 2).parse().unwrap();
            inbox.send(&Mail::new(to, &format!("number {number}"), "text")).await.unwrap();
        }
        let subjects =
            |mails: Vec<Mail>| mails.iter().map(|mail| mail.subject().to_owned()).collect::<Vec<_>>();
        assert_eq!(subjects(inbox.mails()), ["number 1", "number 2"]);
        assert_eq!(subjects(inbox.to("a1@example.org")), ["number 1"]);
        inbox.clear();
        assert!(inbox.mails().is_empty());
    }
}
