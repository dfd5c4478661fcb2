use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredToken;
use portcullis_types::Timestamp;

use crate::dialect::per_backend;
use crate::page::start;
use crate::{Result, body};

/// Users' tokens that can be looked up and disabled (table `pc_user_token`).
#[async_trait]
pub trait UserTokens: Send {
    /// Adds a token. False: the id exists.
    async fn insert_token(&mut self, token: &StoredToken) -> Result<bool>;

    /// The token of that id, expired and revoked ones too while they are kept.
    async fn token(&mut self, token_id: &str) -> Result<Option<StoredToken>>;

    /// Disables a token. False: that user has no such token, or it was disabled before.
    async fn revoke_token(&mut self, user_id: &str, token_id: &str, at: Timestamp) -> Result<bool>;

    /// Disables every token of a user that is not disabled yet, and gives their ids.
    async fn revoke_tokens_of(&mut self, user_id: &str, at: Timestamp) -> Result<Vec<String>>;

    /// The ids of disabled tokens that have not expired, sorted.
    async fn revoked_tokens(
        &mut self,
        after: Option<&str>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<String>>;

    /// Deletes up to `limit` tokens that have expired, and says how many.
    async fn delete_expired_tokens(&mut self, now: Timestamp, limit: u32) -> Result<u64>;
}

#[derive(sqlx::FromRow)]
struct Row {
    token_id: String,
    user_id: String,
    body: String,
    expires_at: i64,
    revoked_at: Option<i64>,
}

fn read(row: Row) -> Result<StoredToken> {
    let token = body::decode("token", &row.token_id, &row.body)?;
    Ok(StoredToken {
        token_id: row.token_id,
        user_id: row.user_id,
        expires_at: Timestamp::from_micros(row.expires_at),
        revoked_at: body::instant(row.revoked_at),
        ..token
    })
}

#[apply(per_backend!)]
#[async_trait]
impl UserTokens for Conn {
    async fn insert_token(&mut self, token: &StoredToken) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_user_token (token_id, user_id, body, expires_at, revoked_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&token.token_id)
        .bind(&token.user_id)
        .bind(body::encode("token", token)?)
        .bind(token.expires_at.micros())
        .bind(token.revoked_at.map(Timestamp::micros))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn token(&mut self, token_id: &str) -> Result<Option<StoredToken>> {
        let sql =
            "SELECT token_id, user_id, body, expires_at, revoked_at FROM pc_user_token WHERE token_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(token_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn revoke_token(&mut self, user_id: &str, token_id: &str, at: Timestamp) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_user_token SET revoked_at = $3 WHERE token_id = $1 AND user_id = $2 AND revoked_at IS NULL",
        )
        .bind(token_id)
        .bind(user_id)
        .bind(at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn revoke_tokens_of(&mut self, user_id: &str, at: Timestamp) -> Result<Vec<String>> {
        let sql = "UPDATE pc_user_token SET revoked_at = $2 WHERE user_id = $1 AND revoked_at IS NULL RETURNING token_id";
        let ids = sqlx::query_scalar::<Db, String>(sql)
            .bind(user_id)
            .bind(at.micros())
            .fetch_all(&mut *self)
            .await?;
        Ok(ids)
    }

    async fn revoked_tokens(
        &mut self,
        after: Option<&str>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<String>> {
        let ids = sqlx::query_scalar::<Db, String>(
            "SELECT token_id FROM pc_user_token WHERE revoked_at IS NOT NULL AND token_id >= $1 AND expires_at > $2 \
             ORDER BY token_id LIMIT $3",
        )
        .bind(start(after))
        .bind(now.micros())
        .bind(i64::from(limit));
        Ok(ids.fetch_all(&mut *self).await?)
    }

    async fn delete_expired_tokens(&mut self, now: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_user_token WHERE token_id IN \
             (SELECT token_id FROM pc_user_token WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        )
        .bind(now.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
