use std::sync::Arc;
use std::time::Duration;

use portcullis_types::{Guard, MicroCredits, SettleError};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many settlements may wait at once. What comes beyond is logged and given up.
const PLACES: u32 = 1024;
/// How long a response waits for its commit before the commit goes on without it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a commit is tried: with the pauses below, for about six minutes, longer than a reservation usually lasts.
const COMMIT_TRIES: u32 = 12;
/// How often a release is tried: what is never released comes back by itself.
const RELEASE_TRIES: u32 = 4;
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// One thing to say to the ledger.
#[derive(Debug)]
pub(in crate::guard) enum Task {
    /// Take what is held, or an amount.
    Commit(String, Option<MicroCredits>),
    /// Give it back.
    Release(String),
}

impl Task {
    fn reservation(&self) -> &str {
        match self {
            Self::Commit(id, _) | Self::Release(id) => id,
        }
    }

    const fn tries(&self) -> u32 {
        match self {
            Self::Commit(..) => COMMIT_TRIES,
            Self::Release(_) => RELEASE_TRIES,
        }
    }
}

/// Talks to the ledger through the guard. What it cannot say now waits in memory, at most [`PLACES`] at once, and is said again,
/// with the same reservation and amount, which the guard takes once. It does not survive the process.
pub(in crate::guard) struct Settler {
    guard: Arc<dyn Guard>,
    places: Arc<Semaphore>,
}

impl Settler {
    pub(in crate::guard) fn new(guard: Arc<dyn Guard>) -> Self {
        Self { guard, places: Arc::new(Semaphore::new(PLACES as usize)) }
    }

    /// Says it now; if the ledger does not answer, later.
    pub(in crate::guard) async fn now(self: &Arc<Self>, task: Task) {
        let answer = tokio::time::timeout(PATIENCE, self.say(&task)).await;
        if matches!(answer, Err(_) | Ok(Err(SettleError::Unavailable))) {
            self.in_background(task, 1);
        } else if let Ok(Err(error)) = answer {
            refused(&task, &error);
        }
    }

    /// Says it in a task of its own.
    pub(in crate::guard) fn later(self: &Arc<Self>, task: Task) {
        self.in_background(task, 0);
    }

    /// Waits until nothing waits any more.
    pub(in crate::guard) async fn idle(&self) {
        // The semaphore is never closed.
        drop(self.places.acquire_many(PLACES).await);
    }

    fn in_background(self: &Arc<Self>, task: Task, tried: u32) {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let (Ok(place), Ok(runtime)) = (place, Handle::try_current()) else {
            tracing::error!(?task, "too many settlements wait, or the process ends: given up");
            return;
        };
        let this = Arc::clone(self);
        runtime.spawn(async move { this.insist(task, tried, place).await });
    }

    async fn insist(&self, task: Task, mut tried: u32, _place: OwnedSemaphorePermit) {
        loop {
            if tried > 0 {
                tokio::time::sleep(pause(tried)).await;
            }
            match self.say(&task).await {
                Ok(()) => return,
                Err(SettleError::Unavailable) => {}
                Err(error) => return refused(&task, &error),
            }
            tried += 1;
            if tried >= task.tries() {
                tracing::error!(?task, tried, "the ledger does not answer: given up");
                return;
            }
            tracing::warn!(?task, tried, "the ledger does not answer: trying again");
        }
    }

    async fn say(&self, task: &Task) -> Result<(), SettleError> {
        match task {
            Task::Commit(id, amount) => {
                let taken = self.guard.commit(id, *amount).await?;
                tracing::debug!(reservation = id, %taken, "committed");
            }
            Task::Release(id) => {
                self.guard.release(id).await?;
                tracing::debug!(reservation = id, "released");
            }
        }
        Ok(())
    }
}

/// 1 s, 2 s, 4 s, … and never more than a minute.
fn pause(tried: u32) -> Duration {
    Duration::from_secs(1_u64.checked_shl(tried - 1).unwrap_or(u64::MAX)).min(LONGEST_PAUSE)
}

fn refused(task: &Task, error: &SettleError) {
    let reservation = task.reservation();
    match task {
        Task::Commit(_, amount) => {
            tracing::error!(reservation, ?amount, %error, "a request that was served could not be charged");
        }
        Task::Release(_) => tracing::warn!(reservation, %error, "held credits could not be released"),
    }
}
