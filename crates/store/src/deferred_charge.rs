use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::Timestamp;

use crate::Result;
use crate::dialect::per_backend;

/// The price of something that went on while the ledger did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferredCharge {
    /// `dfc_…`: in the order in which they were made.
    pub charge_id: String,
    /// What the ledger knows the charge by, so that it is made once however often it is tried. Unique.
    pub idempotency_key: String,
    /// The charge, as JSON.
    pub body: String,
    /// When to try, or to try again.
    pub due_at: Timestamp,
}

/// Charges that wait for the ledger (table `pc_deferred_charge`).
#[async_trait]
pub trait DeferredCharges: Send {
    /// Adds a charge. False: one of this key waits already.
    async fn insert_deferred_charge(&mut self, charge: &DeferredCharge) -> Result<bool>;

    /// The first `limit` charges that are due, the longest due first.
    async fn due_charges(&mut self, now: Timestamp, limit: u32) -> Result<Vec<DeferredCharge>>;

    /// Puts a charge off. False: it is gone.
    async fn put_off_charge(&mut self, charge_id: &str, until: Timestamp) -> Result<bool>;

    /// Deletes a charge that was made. False: it is gone.
    async fn delete_deferred_charge(&mut self, charge_id: &str) -> Result<bool>;
}

fn read((charge_id, idempotency_key, body, due_at): (String, String, String, i64)) -> DeferredCharge {
    DeferredCharge { charge_id, idempotency_key, body, due_at: Timestamp::from_micros(due_at) }
}

#[apply(per_backend!)]
#[async_trait]
impl DeferredCharges for Conn {
    async fn insert_deferred_charge(&mut self, charge: &DeferredCharge) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_deferred_charge (charge_id, idempotency_key, body, due_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&charge.charge_id)
        .bind(&charge.idempotency_key)
        .bind(&charge.body)
        .bind(charge.due_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn due_charges(&mut self, now: Timestamp, limit: u32) -> Result<Vec<DeferredCharge>> {
        let rows = sqlx::query_as::<Db, _>(
            "SELECT charge_id, idempotency_key, body, due_at FROM pc_deferred_charge WHERE due_at <= $1 \
             ORDER BY due_at, charge_id LIMIT $2",
        )
        .bind(now.micros())
        .bind(i64::from(limit))
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    async fn put_off_charge(&mut self, charge_id: &str, until: Timestamp) -> Result<bool> {
        let done = sqlx::query::<Db>("UPDATE pc_deferred_charge SET due_at = $2 WHERE charge_id = $1")
            .bind(charge_id)
            .bind(until.micros());
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn delete_deferred_charge(&mut self, charge_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_deferred_charge WHERE charge_id = $1").bind(charge_id);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }
}
