//! The price of what went on while the ledger did not answer (spec `guard-request.md` §5.3): written down, and charged once when
//! it answers again.

use std::time::Duration;

use portcullis_store::DeferredCharge;

use super::stage::{LedgerRefusal, PriceQuestion};
use crate::{Error, Portcullis, Result};

/// How often charges that wait are looked at.
const EVERY: Duration = Duration::from_secs(5);
/// How long after a failure a charge is tried again.
const AGAIN_SECS: i64 = 10;
/// How many are looked at together.
const BATCH: u32 = 100;

/// Writes a charge down.
pub(super) async fn defer(portcullis: &Portcullis, question: PriceQuestion) -> Result<()> {
    let question = PriceQuestion { deferred: true, ..question };
    let charge = DeferredCharge {
        charge_id: portcullis.mint("dfc_")?,
        idempotency_key: format!("{}/{}", question.account_id, question.idempotency_key),
        body: serde_json::to_string(&question).map_err(Error::internal)?,
        due_at: portcullis.now(),
    };
    let portcullis = portcullis.clone();
    Portcullis::to_the_end(async move {
        let mut tx = portcullis.inner.store.begin().await?;
        // The same request again waits once.
        tx.queries().insert_deferred_charge(&charge).await?;
        Ok(tx.commit().await?)
    })
    .await
}

/// Charges what waits and is due, and says how many were charged. Each is charged once, however often and on however many
/// nodes it is tried: the ledger knows it by its key, and it is forgotten only after it was charged.
///
/// # Errors
/// [`Error::Unavailable`] when what waits cannot be read. That one charge fails is logged, and it is tried again.
pub async fn charge_deferred(portcullis: &Portcullis) -> Result<usize> {
    let portcullis = portcullis.clone();
    Portcullis::to_the_end(async move {
        let mut charged = 0;
        loop {
            let now = portcullis.now();
            let due = portcullis.read().await?.queries().due_charges(now, BATCH).await?;
            let full = due.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
            for charge in &due {
                charged += usize::from(try_charge(&portcullis, charge).await?);
            }
            if !full {
                return Ok(charged);
            }
        }
    })
    .await
}

async fn try_charge(portcullis: &Portcullis, charge: &DeferredCharge) -> Result<bool> {
    let question: PriceQuestion = serde_json::from_str(&charge.body).map_err(Error::internal)?;
    let done = portcullis.inner.settings.stages.ledger.charge(portcullis, &question).await;
    let (settled, charged) = match &done {
        Ok(Ok(_)) => (true, true),
        // Used for something else: it was charged, or reserved, before the outage was noticed.
        Ok(Err(LedgerRefusal::Conflict)) => (true, false),
        Ok(Err(_)) | Err(_) => (false, false),
    };
    let mut tx = portcullis.inner.store.begin().await?;
    if settled {
        tx.queries().delete_deferred_charge(&charge.charge_id).await?;
    } else {
        let until = portcullis.now().plus_secs(AGAIN_SECS);
        tx.queries().put_off_charge(&charge.charge_id, until).await?;
    }
    tx.commit().await?;
    if !charged {
        tracing::warn!(charge = charge.charge_id, settled, "a deferred charge was not made: {done:?}");
    }
    Ok(charged)
}

/// Charges what waits, until the last [`Portcullis`] of this process is dropped or closed.
pub(crate) fn charge_in_background(portcullis: &Portcullis) {
    let inner = std::sync::Arc::downgrade(&portcullis.inner);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            let Some(inner) = inner.upgrade() else { return };
            let portcullis = Portcullis { inner };
            if portcullis.inner.follower.is_closed() {
                return;
            }
            if let Err(error) = charge_deferred(&portcullis).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "deferred charges cannot be read");
            }
        }
    });
}
