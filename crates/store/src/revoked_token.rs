use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::Timestamp;

use crate::Result;
use crate::dialect::per_backend;

/// Access tokens that are refused before they expire (table `pc_revoked_token`).
#[async_trait]
pub trait RevokedTokens: Send {
    /// Refuses a token (`jti`) from an instant on; it may be forgotten when nothing would accept it any more. False: it was
    /// revoked before, and stays so from the earlier call's instant on.
    async fn revoke_access_token(
        &mut self,
        token_id: &str,
        effective_at: Timestamp,
        forget_at: Timestamp,
    ) -> Result<bool>;

    /// From when on a token (`jti`) is refused; `None` if it was not revoked.
    async fn access_token_revoked_from(&mut self, token_id: &str) -> Result<Option<Timestamp>>;

    /// Deletes up to `limit` that may be forgotten, and says how many.
    async fn delete_past_revocations(&mut self, now: Timestamp, limit: u32) -> Result<u64>;
}

#[apply(per_backend!)]
#[async_trait]
impl RevokedTokens for Conn {
    async fn revoke_access_token(
        &mut self,
        token_id: &str,
        effective_at: Timestamp,
        forget_at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_revoked_token (token_id, effective_at, forget_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(token_id)
        .bind(effective_at.micros())
        .bind(forget_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn access_token_revoked_from(&mut self, token_id: &str) -> Result<Option<Timestamp>> {
        let sql = "SELECT effective_at FROM pc_revoked_token WHERE token_id = $1";
        let at = sqlx::query_scalar::<Db, i64>(sql).bind(token_id).fetch_optional(&mut *self).await?;
        Ok(at.map(Timestamp::from_micros))
    }

    async fn delete_past_revocations(&mut self, now: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_revoked_token WHERE token_id IN \
             (SELECT token_id FROM pc_revoked_token WHERE forget_at <= $1 ORDER BY forget_at LIMIT $2)",
        )
        .bind(now.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
