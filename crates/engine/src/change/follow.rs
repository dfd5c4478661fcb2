use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use portcullis_domain::{DeviceCode, LockPolicy};
use portcullis_store::{ChangeKind, ChangeListener, Store};
use portcullis_types::Timestamp;

use crate::oauth::device::GUESSES_KEPT_SECS;
use crate::portcullis::Inner;
use crate::{Error, Portcullis, Result};

/// How often changes are looked for when nobody announces them. A change must be seen within a second.
const POLL: Duration = Duration::from_millis(250);
/// How long this node may go without hearing of changes before it stops to answer from memory.
const CUT_OFF: Duration = Duration::from_secs(5);
/// How long one look may take: a database that hangs must be told from one that is quiet.
const LOOK: Duration = Duration::from_secs(2);
/// How many changes are read at once.
const BATCH: u32 = 1000;
/// Changes are kept for a day: a node that was away for longer forgets everything.
const KEEP_SECS: i64 = 24 * 60 * 60;
/// How often what is past its time is deleted.
const TIDY_SECS: i64 = 600;

/// How far this node has followed the changes.
pub(crate) struct Follower {
    seen: AtomicI64,
    /// By a clock that nobody sets.
    heard_at: Mutex<Instant>,
    tidied_at: AtomicI64,
    again: AtomicBool,
    closed: AtomicBool,
}

impl Follower {
    /// From the newest change on. Must be read before anything else is, so that nothing falls in between.
    pub(crate) async fn from_now(store: &dyn Store, now: Timestamp) -> Result<Self> {
        let newest = store.read().await?.queries().newest_change().await?;
        Ok(Self {
            seen: AtomicI64::new(newest),
            heard_at: Mutex::new(Instant::now()),
            tidied_at: AtomicI64::new(now.secs()),
            again: AtomicBool::new(false),
            closed: AtomicBool::new(false),
        })
    }

    /// Ends the following, before the database is closed under it.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Release);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Has everything forgotten at the next look, because a change could not be applied.
    pub(crate) fn ask_again(&self) {
        self.again.store(true, Ordering::Release);
    }
}

/// Follows the changes until the last [`Portcullis`] of this process is dropped or one is closed.
pub(crate) fn follow(portcullis: &Portcullis) {
    let inner = std::sync::Arc::downgrade(&portcullis.inner);
    tokio::spawn(async move {
        let mut listener: Option<Box<dyn ChangeListener>> = None;
        while let Some(portcullis) = alive(&inner) {
            if listener.is_none() {
                let listening = tokio::time::timeout(LOOK, portcullis.inner.store.listen()).await;
                listener = listening.ok().and_then(Result::ok).flatten();
            }
            let looked = tokio::time::timeout(LOOK, portcullis.look()).await.unwrap_or_else(|elapsed| {
                // What the look was about to do, the next one does.
                portcullis.inner.follower.ask_again();
                Err(Error::internal(elapsed))
            });
            if portcullis.inner.follower.is_closed() {
                return;
            }
            portcullis.note_whether_heard(&looked);
            if let Err(error) = looked {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot read changes");
            }
            if portcullis.is_untidy() {
                // Beside this loop: whoever waits for a lock must not miss a change.
                let portcullis = portcullis.clone();
                tokio::spawn(async move { portcullis.tidy().await });
            }
            if portcullis.keys_are_due() {
                let portcullis = portcullis.clone();
                tokio::spawn(async move { portcullis.turn_keys().await });
            }
            drop(portcullis);
            wait(&mut listener).await;
        }
    });
}

fn alive(inner: &Weak<Inner>) -> Option<Portcullis> {
    inner.upgrade().map(|inner| Portcullis { inner })
}

/// Until something was announced, or it is time to look anyway.
async fn wait(listener: &mut Option<Box<dyn ChangeListener>>) {
    let Some(open) = listener else { return tokio::time::sleep(POLL).await };
    match tokio::time::timeout(POLL, open.wait()).await {
        Ok(Ok(())) | Err(_) => {}
        Ok(Err(_)) => {
            *listener = None;
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Portcullis {
    /// Applies what was changed since the last look.
    async fn look(&self) -> Result<()> {
        let follower = &self.inner.follower;
        if follower.again.swap(false, Ordering::AcqRel) {
            self.forget_everything().await;
        }
        loop {
            let seen = follower.seen.load(Ordering::Acquire);
            let changes = {
                let mut snapshot = self.read().await?;
                let changes = snapshot.queries().changes_after(seen, BATCH).await?;
                if changes.is_empty() {
                    return Ok(());
                }
                if snapshot.queries().oldest_change().await? > seen.saturating_add(1) {
                    // Some of what this node has not seen may be gone.
                    drop(snapshot);
                    self.forget_everything().await;
                }
                changes
            };
            for change in &changes {
                let own = change.node == self.inner.instance;
                // This node forgot its own changes when it made them; roles, configurations, keys and operations are read
                // again, because reading them may have failed then.
                let read_again = [
                    ChangeKind::Role,
                    ChangeKind::ResourceConfig,
                    ChangeKind::SigningKey,
                    ChangeKind::Operation,
                ];
                if !own || read_again.contains(&change.kind) {
                    self.apply_change(change.kind, &change.key).await;
                }
                follower.seen.store(change.id, Ordering::Release);
            }
        }
    }

    fn note_whether_heard(&self, looked: &Result<()>) {
        let follower = &self.inner.follower;
        let mut heard_at = follower.heard_at.lock().unwrap_or_else(PoisonError::into_inner);
        if looked.is_ok() {
            *heard_at = Instant::now();
            if self.inner.cut_off.swap(false, Ordering::AcqRel) {
                tracing::info!("changes are heard again");
            }
        } else if heard_at.elapsed() >= CUT_OFF {
            // Fail closed: somebody may have been denied what memory still allows.
            if !self.inner.cut_off.swap(true, Ordering::AcqRel) {
                tracing::error!("changes cannot be read: nothing is answered from memory");
            }
            self.inner.verified.clear();
            self.inner.issued.clear();
            self.decider().forget_all();
            self.inner.applications.forget_all();
        }
    }

    /// Whether it is time to tidy; says so once.
    fn is_untidy(&self) -> bool {
        let (now, tidied_at) = (self.now().secs(), &self.inner.follower.tidied_at);
        let due = now.saturating_sub(tidied_at.load(Ordering::Acquire)) >= TIDY_SECS;
        if due {
            tidied_at.store(now, Ordering::Release);
        }
        due
    }

    /// Deletes what is past its time: little at once, and never in the way of a request.
    async fn tidy(&self) {
        let now = self.now();
        let tidied: Result<()> = async {
            let mut tx = self.inner.store.begin().await?;
            tx.queries().prune_changes(now.plus_secs(-KEEP_SECS).micros(), 10_000).await?;
            tx.queries().delete_expired_tokens(now, 10_000).await?;
            // Not at once: a clock that was ahead for a moment ends nobody's session for good.
            tx.queries().delete_past_sessions(now.plus_secs(-KEEP_SECS), 10_000).await?;
            tx.queries().delete_expired_refresh_tokens(now.plus_secs(-KEEP_SECS), 10_000).await?;
            tx.queries().delete_expired_browser_cookies(now.plus_secs(-KEEP_SECS), 10_000).await?;
            // A second use of a code is told from a guess for as long as it is kept.
            tx.queries().delete_past_codes(now.plus_secs(-KEEP_SECS), 10_000).await?;
            tx.queries().delete_past_revocations(now, 10_000).await?;
            tx.queries().delete_expired_mail_tokens(now, 10_000).await?;
            tx.queries().delete_past_device_codes(now.plus_secs(-DeviceCode::KEPT_SECS), 10_000).await?;
            tx.queries().delete_old_device_guesses(now.plus_secs(-GUESSES_KEPT_SECS), 10_000).await?;
            tx.queries().delete_past_client_assertions(now, 10_000).await?;
            tx.commit().await?;
            self.forget_old_attempts(now).await
        }
        .await;
        if let Err(error) = tidied {
            tracing::warn!(error = &error as &dyn std::error::Error, "cannot delete what is past its time");
        }
    }

    /// Anybody can make rows of attempts, so they are deleted faster than passwords can be computed: up to a million each time.
    /// How long each is kept is said at [`LockPolicy::KEPT_SECS`].
    async fn forget_old_attempts(&self, now: Timestamp) -> Result<()> {
        const BATCH: u32 = 10_000;
        let (kept, below) = (LockPolicy::KEPT_SECS, LockPolicy::MOST_FAILURES);
        for _ in 0..100 {
            let mut tx = self.inner.store.begin().await?;
            let deleted = tx.queries().delete_old_attempts(now, kept, below, BATCH).await?;
            tx.commit().await?;
            if deleted < u64::from(BATCH) {
                break;
            }
        }
        Ok(())
    }
}
