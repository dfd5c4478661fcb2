use std::sync::Arc;
use std::time::Duration;

use super::balance::catch_up;
use crate::{Portcullis, Result};

/// How often holds and grants that are past their time are looked for.
const EVERY: Duration = Duration::from_secs(10);
/// How many wallets are looked at together.
const BATCH: u32 = 100;
/// How many batches one sweep does at most: what is left waits for the next one, or for whoever uses the wallet.
const MOST: u32 = 100;

/// Gives back holds and ends grants that are past their time, and says how many steps that took. Nothing depends on it:
/// whoever uses a wallet does the same for that wallet first.
///
/// # Errors
/// [`Error::Unavailable`](crate::Error::Unavailable).
pub async fn sweep(portcullis: &Portcullis) -> Result<u64> {
    let mut steps = 0;
    for _ in 0..MOST {
        let due = portcullis.read().await?.queries().due_wallets(portcullis.now(), BATCH).await?;
        if due.is_empty() {
            break;
        }
        for wallet in &due {
            catch_up(portcullis, wallet).await?;
            steps += 1;
        }
    }
    Ok(steps)
}

/// Sweeps until the last [`Portcullis`] of this process is dropped or one is closed.
pub(crate) fn sweep_in_background(portcullis: &Portcullis) {
    let inner = Arc::downgrade(&portcullis.inner);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            let Some(inner) = inner.upgrade() else { return };
            if inner.follower.is_closed() {
                return;
            }
            if let Err(error) = sweep(&Portcullis { inner }).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "cannot end what is past its time");
            }
        }
    });
}
