//! One attempt to prove who somebody is: admitted before the password is looked at, decided afterwards (AU-07).
//!
//! The count is in the database, so it is exact for any number of nodes; and it is kept under a digest of the pool and the
//! address, whether or not anybody has that address, so that neither its existence nor its time tells who is registered (AU-09).
//!
//! So anybody can make rows. Each one that stays costs a password that was computed: one whose password was never looked at,
//! because too many waited, is taken back with its row (as is one that was right and came to nothing). Rows grow no faster than the
//! threads of the passwords compute, which the rate of a client address bounds before that, and `change/follow.rs` deletes faster than
//! that what nobody tried for 30 days for each failure ([`LockPolicy::KEPT_SECS`](portcullis_domain::LockPolicy::KEPT_SECS)).

use std::sync::Arc;
use std::time::Duration;

use portcullis_domain::{Admission, Attempts, Identifier, UserProfile};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::change::Unit;
use crate::{Cx, Error, Portcullis, Result};

/// Attempts with one address that are under way on this node at once: more would only wait in the database.
const AT_ONCE: usize = 2;
/// Turns are taken in so many queues, by a part of the digest: bounded, whatever addresses come.
const QUEUES: usize = 256;
/// How often, and how many times, is asked again while attempts elsewhere are undecided.
const AGAIN: Duration = Duration::from_millis(25);
const TIMES: usize = 200;

/// Whose turn it is to try.
pub(crate) struct Turns(Box<[Arc<Semaphore>]>);

impl Default for Turns {
    fn default() -> Self {
        Self((0..QUEUES).map(|_| Arc::new(Semaphore::new(AT_ONCE))).collect())
    }
}

impl Turns {
    async fn take(&self, subject: &[u8; 32]) -> Result<OwnedSemaphorePermit> {
        let queue = self.0.get(usize::from(subject[0])).ok_or_else(|| Error::internal("no queue"))?;
        Arc::clone(queue).acquire_owned().await.map_err(Error::internal)
    }
}

/// Whom attempts are counted for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject([u8; 32]);

impl Subject {
    /// Whoever has an address in a pool, or would have it.
    pub(crate) fn of_identifier(portcullis: &Portcullis, pool: &str, identifier: &Identifier) -> Self {
        Self::of(portcullis, &format!("{pool}\n{}", identifier.as_str()))
    }

    /// A person with a profile: by their address, or by their id if they have none.
    pub(crate) fn of_user(portcullis: &Portcullis, user: &UserProfile) -> Self {
        match user.identifier() {
            Some(identifier) => Self::of_identifier(portcullis, &user.pool, &identifier),
            None => Self::of(portcullis, &format!("\n{}", user.user_id)),
        }
    }

    fn of(portcullis: &Portcullis, text: &str) -> Self {
        let key = &portcullis.inner.settings.master_key;
        Self(*key.digest(b"portcullis sign-in attempts", text.as_bytes()).as_bytes())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Ends the failures of a subject in a row: the right password was given, or another one was set.
pub(crate) async fn begin_anew(unit: &mut Unit, subject: Subject) -> Result<()> {
    let now = unit.portcullis().now();
    let mut attempts = unit.queries().attempts_for_update(subject.bytes(), now).await?;
    attempts.succeed();
    Ok(unit.queries().put_attempts(subject.bytes(), &attempts).await?)
}

/// An admitted attempt. It must be decided; one that is not counts as failed after a minute.
pub(crate) struct Attempt {
    portcullis: Portcullis,
    subject: Subject,
    round: i64,
    /// Others with the same address wait here until this is over.
    _turn: OwnedSemaphorePermit,
}

impl Attempt {
    /// Waits for a turn, and asks to be admitted.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`] while the subject is locked; [`Error::Busy`] if too many attempts are under way.
    pub(crate) async fn begin(portcullis: &Portcullis, subject: Subject) -> Result<Self> {
        let turn = portcullis.inner.turns.take(subject.bytes()).await?;
        for _ in 0..TIMES {
            let (admission, round) = admit(portcullis, subject).await?;
            match admission {
                Admission::Admitted => {
                    return Ok(Self { portcullis: portcullis.clone(), subject, round, _turn: turn });
                }
                Admission::Locked { until } => {
                    let left = until.micros().saturating_sub(portcullis.now().micros());
                    let retry_after_secs = u32::try_from(left.saturating_add(999_999) / 1_000_000);
                    return Err(Error::TooManyAttempts {
                        retry_after_secs: retry_after_secs.unwrap_or(u32::MAX),
                    });
                }
                // By another node, or in the last room before a lock.
                Admission::Wait => tokio::time::sleep(AGAIN).await,
            }
        }
        Err(Error::Busy { retry_after_secs: 1 })
    }

    pub(crate) fn subject(&self) -> Subject {
        self.subject
    }

    /// Decides that it failed, and tells the audit trail. `user_id` is whose password was not this one, if it is anybody's.
    pub(crate) async fn fail(self, cx: &Cx, user_id: Option<&str>) -> Result<()> {
        let (now, policy) = (self.portcullis.now(), self.portcullis.inner.settings.sign_in.lock);
        let mut unit = Unit::begin(&self.portcullis, cx).await?;
        let mut attempts = unit.queries().attempts_for_update(self.subject.bytes(), now).await?;
        attempts.fail(self.round, now, policy);
        unit.queries().put_attempts(self.subject.bytes(), &attempts).await?;
        let locked = attempts.locked(now).map(|until| format!("locked until {until}"));
        unit.audit_refused("sign_in", user_id.unwrap_or_default(), locked);
        unit.commit().await
    }

    /// Takes it back: nobody looked at the password, or it was right and nothing came of it.
    pub(crate) async fn withdraw(self) -> Result<()> {
        let mut tx = self.portcullis.inner.store.begin().await?;
        let mut attempts =
            tx.queries().attempts_for_update(self.subject.bytes(), self.portcullis.now()).await?;
        attempts.withdraw(self.round);
        tx.queries().put_attempts(self.subject.bytes(), &attempts).await?;
        tx.queries().delete_empty_attempts(self.subject.bytes()).await?;
        Ok(tx.commit().await?)
    }
}

async fn admit(portcullis: &Portcullis, subject: Subject) -> Result<(Admission, i64)> {
    let (now, policy) = (portcullis.now(), portcullis.inner.settings.sign_in.lock);
    // Whoever is locked out costs a read, and writes nothing.
    let seen: Option<Attempts> = portcullis.read().await?.queries().attempts(subject.bytes()).await?;
    if let Some(until) = seen.and_then(|seen| seen.locked(now)) {
        return Ok((Admission::Locked { until }, 0));
    }
    let mut tx = portcullis.inner.store.begin().await?;
    let mut attempts = tx.queries().attempts_for_update(subject.bytes(), now).await?;
    let admission = attempts.admit(now, policy);
    tx.queries().put_attempts(subject.bytes(), &attempts).await?;
    tx.commit().await?;
    Ok((admission, attempts.round))
}
