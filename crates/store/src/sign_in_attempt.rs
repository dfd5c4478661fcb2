use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::Attempts;
use portcullis_types::Timestamp;

use crate::dialect::per_backend;
use crate::{Result, body};

/// Attempts to sign in (table `pc_sign_in_attempt`), by a keyed digest of whom they are about.
#[async_trait]
pub trait SignInAttempts: Send {
    /// The attempts as they are now.
    async fn attempts(&mut self, subject: &[u8; 32]) -> Result<Option<Attempts>>;

    /// The attempts, which nobody else changes before this transaction ends; a row is made when there is none.
    async fn attempts_for_update(&mut self, subject: &[u8; 32], now: Timestamp) -> Result<Attempts>;

    /// Sets what [`SignInAttempts::attempts_for_update`] gave, in the same transaction.
    async fn put_attempts(&mut self, subject: &[u8; 32], attempts: &Attempts) -> Result<()>;

    /// Deletes the row if it says nothing: no success, no failure, none under way, no lock.
    async fn delete_empty_attempts(&mut self, subject: &[u8; 32]) -> Result<()>;

    /// Deletes up to `limit` rows that have fewer failures than `below` and whose last attempt was longer ago than `kept_secs` for
    /// each failure in a row (once that, without any), and says how many.
    async fn delete_old_attempts(
        &mut self,
        now: Timestamp,
        kept_secs: i64,
        below: i64,
        limit: u32,
    ) -> Result<u64>;
}

#[derive(sqlx::FromRow)]
struct Row {
    round: i64,
    failed: i64,
    undecided: i64,
    locked_until: Option<i64>,
    last_at: i64,
}

fn read(row: Row) -> Attempts {
    Attempts {
        round: row.round,
        failed: row.failed,
        undecided: row.undecided,
        locked_until: body::instant(row.locked_until),
        last_at: Timestamp::from_micros(row.last_at),
    }
}

#[apply(per_backend!)]
#[async_trait]
impl SignInAttempts for Conn {
    async fn attempts(&mut self, subject: &[u8; 32]) -> Result<Option<Attempts>> {
        let sql = "SELECT round, failed, undecided, locked_until, last_at FROM pc_sign_in_attempt WHERE subject = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(subject.as_slice()).fetch_optional(&mut *self).await?;
        Ok(row.map(read))
    }

    async fn attempts_for_update(&mut self, subject: &[u8; 32], now: Timestamp) -> Result<Attempts> {
        // The update changes nothing; it locks the row and makes it come back, in one statement.
        let row = sqlx::query_as::<Db, Row>(
            "INSERT INTO pc_sign_in_attempt (subject, round, failed, undecided, last_at) VALUES ($1, 0, 0, 0, $2) \
             ON CONFLICT (subject) DO UPDATE SET round = pc_sign_in_attempt.round \
             RETURNING round, failed, undecided, locked_until, last_at",
        )
        .bind(subject.as_slice())
        .bind(now.micros())
        .fetch_one(&mut *self)
        .await?;
        Ok(read(row))
    }

    async fn put_attempts(&mut self, subject: &[u8; 32], attempts: &Attempts) -> Result<()> {
        sqlx::query::<Db>(
            "UPDATE pc_sign_in_attempt SET round = $2, failed = $3, undecided = $4, locked_until = $5, last_at = $6 \
             WHERE subject = $1",
        )
        .bind(subject.as_slice())
        .bind(attempts.round)
        .bind(attempts.failed)
        .bind(attempts.undecided)
        .bind(attempts.locked_until.map(Timestamp::micros))
        .bind(attempts.last_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn delete_empty_attempts(&mut self, subject: &[u8; 32]) -> Result<()> {
        sqlx::query::<Db>(
            "DELETE FROM pc_sign_in_attempt \
             WHERE subject = $1 AND round = 0 AND failed = 0 AND undecided = 0 AND locked_until IS NULL",
        )
        .bind(subject.as_slice())
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn delete_old_attempts(
        &mut self,
        now: Timestamp,
        kept_secs: i64,
        below: i64,
        limit: u32,
    ) -> Result<u64> {
        // The first comparison is for the index; the second, which says the same of rows without failures, for the rest.
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_sign_in_attempt WHERE subject IN \
             (SELECT subject FROM pc_sign_in_attempt WHERE last_at < $1 AND failed < $2 \
             AND last_at + failed * $3 < $4 ORDER BY last_at LIMIT $5)",
        )
        .bind(now.plus_secs(kept_secs.saturating_neg()).micros())
        .bind(below)
        .bind(kept_secs.saturating_mul(1_000_000))
        .bind(now.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
