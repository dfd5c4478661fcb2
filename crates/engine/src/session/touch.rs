//! When was a session last used? Written down in the background, many at once and each at most once a minute: a request only
//! compares two numbers.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use portcullis_domain::Session;
use portcullis_types::{Caller, Timestamp};
use tokio::sync::mpsc;

use crate::bearer::Bearer;
use crate::portcullis::Inner;
use crate::{Portcullis, Result};

/// How many uses may wait to be written. One more is not noted, and the session's next use is.
const WAITING: usize = 4096;
/// How many are written in one statement.
const BATCH: usize = 1000;
/// How long the first of a batch waits for others.
const GATHER: Duration = Duration::from_millis(100);

/// When the use of a session by one token was last noted.
pub(crate) struct Touch {
    noted_at: AtomicI64,
    every_micros: i64,
}

impl Touch {
    pub(crate) fn of(session: &Session) -> Self {
        // A session that may rest for less than four seconds is touched at a quarter of that.
        let every_micros =
            (session.touch_secs() * 1_000_000).max(session.idle_secs * 250_000).min(60_000_000);
        Self { noted_at: AtomicI64::new(session.last_seen_at.micros()), every_micros }
    }

    fn is_due(&self, now: Timestamp) -> bool {
        now.micros().saturating_sub(self.noted_at.load(Ordering::Relaxed)) >= self.every_micros
    }
}

/// Uses that wait to be written.
pub(crate) struct Touches(mpsc::Sender<Arc<str>>);

impl Touches {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Arc<str>>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }
}

/// Writes uses down until the last [`Portcullis`] of this process is dropped.
pub(crate) fn keep_touching(portcullis: &Portcullis, mut waiting: mpsc::Receiver<Arc<str>>) {
    let inner: Weak<Inner> = Arc::downgrade(&portcullis.inner);
    tokio::spawn(async move {
        while let Some(first) = waiting.recv().await {
            tokio::time::sleep(GATHER).await;
            let mut used = BTreeSet::from([first]);
            while used.len() < BATCH
                && let Ok(next) = waiting.try_recv()
            {
                used.insert(next);
            }
            let Some(inner) = inner.upgrade() else { return };
            let used: Vec<String> = used.iter().map(|id| id.to_string()).collect();
            if let Err(error) = (Portcullis { inner }).touch(&used).await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "cannot note when sessions were used"
                );
            }
        }
    });
}

impl Portcullis {
    /// Notes that a bearer was used.
    pub(crate) fn note_use(&self, bearer: &Bearer, now: Timestamp) {
        if let Some(touch) = &bearer.facts.touch
            && touch.is_due(now)
            && let Caller::User { session_id: Some(id), .. } = &bearer.caller
            && self.inner.touches.0.try_send(Arc::clone(id)).is_ok()
        {
            touch.noted_at.store(now.micros(), Ordering::Relaxed);
        }
    }

    /// Notes that a browser's session was used, as it was just read.
    pub(crate) fn note_session_use(&self, session: &Session, now: Timestamp) {
        if Touch::of(session).is_due(now) {
            // With no room, its next use is noted.
            let _noted = self.inner.touches.0.try_send(session.session_id.as_str().into());
        }
    }

    async fn touch(&self, session_ids: &[String]) -> Result<()> {
        let mut tx = self.inner.store.begin().await?;
        tx.queries().touch_sessions(session_ids, self.now()).await?;
        Ok(tx.commit().await?)
    }
}
