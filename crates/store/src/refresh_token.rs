use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::RefreshToken;
use portcullis_types::Timestamp;

use crate::dialect::per_backend;
use crate::{Result, StoreError, body};

/// Refresh tokens (table `pc_refresh_token`).
#[async_trait]
pub trait RefreshTokens: Send {
    /// Adds a token. False: the id exists.
    async fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<bool>;

    /// The token of that id, used ones too while they are kept.
    async fn refresh_token(&mut self, token_id: &str) -> Result<Option<RefreshToken>>;

    /// Uses a token up, and keeps what replaced it, sealed. False: there is none of that id, or it was used before.
    async fn use_refresh_token(&mut self, token_id: &str, successor: &[u8], at: Timestamp) -> Result<bool>;

    /// Deletes up to `limit` tokens whose sessions have had their last instant, and says how many.
    async fn delete_expired_refresh_tokens(&mut self, now: Timestamp, limit: u32) -> Result<u64>;
}

#[derive(sqlx::FromRow)]
struct Row {
    token_id: String,
    session_id: String,
    parent: Option<String>,
    digest: Vec<u8>,
    issued_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    successor: Option<Vec<u8>>,
}

fn read(row: Row) -> Result<RefreshToken> {
    let digest = row.digest.try_into().map_err(|digest: Vec<u8>| {
        let found = format!("its digest has {} bytes", digest.len());
        StoreError::corrupt(format!("refresh token {}", row.token_id), found)
    })?;
    Ok(RefreshToken {
        token_id: row.token_id,
        session_id: row.session_id,
        parent: row.parent,
        digest,
        issued_at: Timestamp::from_micros(row.issued_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        used_at: body::instant(row.used_at),
        successor: row.successor,
    })
}

#[apply(per_backend!)]
#[async_trait]
impl RefreshTokens for Conn {
    async fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_refresh_token \
             (token_id, session_id, parent, digest, issued_at, expires_at, used_at, successor) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(&token.token_id)
        .bind(&token.session_id)
        .bind(&token.parent)
        .bind(&token.digest[..])
        .bind(token.issued_at.micros())
        .bind(token.expires_at.micros())
        .bind(token.used_at.map(Timestamp::micros))
        .bind(&token.successor)
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn refresh_token(&mut self, token_id: &str) -> Result<Option<RefreshToken>> {
        let sql = "SELECT token_id, session_id, parent, digest, issued_at, expires_at, used_at, successor \
                   FROM pc_refresh_token WHERE token_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(token_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn use_refresh_token(&mut self, token_id: &str, successor: &[u8], at: Timestamp) -> Result<bool> {
        let used = sqlx::query_scalar::<Db, String>(
            "UPDATE pc_refresh_token SET used_at = $3, successor = $2 WHERE token_id = $1 AND used_at IS NULL \
             RETURNING token_id",
        )
        .bind(token_id)
        .bind(successor)
        .bind(at.micros());
        Ok(used.fetch_optional(&mut *self).await?.is_some())
    }

    async fn delete_expired_refresh_tokens(&mut self, now: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_refresh_token WHERE token_id IN \
             (SELECT token_id FROM pc_refresh_token WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        )
        .bind(now.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
