use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::AuthorizationCode;
use portcullis_types::Timestamp;

use crate::dialect::per_backend;
use crate::{Result, StoreError, body};

/// Authorization codes (table `pc_authorization_code`); each is redeemed once.
#[async_trait]
pub trait AuthorizationCodes: Send {
    /// Adds a code. False: the id exists.
    async fn insert_code(&mut self, code: &AuthorizationCode) -> Result<bool>;

    /// The code of that id, used and expired ones too while they are kept.
    async fn code(&mut self, code_id: &str) -> Result<Option<AuthorizationCode>>;

    /// Uses a code up. False: there is none of that id, it was used before, or it has expired.
    async fn use_code(&mut self, code_id: &str, at: Timestamp) -> Result<bool>;

    /// Notes the session that redeeming a code opened.
    async fn put_code_session(&mut self, code_id: &str, session_id: &str) -> Result<()>;

    /// Deletes the codes of a user for a client that nobody has redeemed, and says how many.
    async fn delete_unused_codes(&mut self, user_id: &str, client_id: &str) -> Result<u64>;

    /// Deletes up to `limit` codes that expired before `before`, and says how many.
    async fn delete_past_codes(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
}

#[derive(sqlx::FromRow)]
struct Row {
    code_id: String,
    digest: Vec<u8>,
    client_id: String,
    user_id: String,
    browser_session: String,
    auth_time: i64,
    body: String,
    issued_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
    session_id: Option<String>,
}

fn read(row: Row) -> Result<AuthorizationCode> {
    let digest = row.digest.try_into().map_err(|digest: Vec<u8>| {
        let found = format!("its digest has {} bytes", digest.len());
        StoreError::corrupt(format!("authorization code {}", row.code_id), found)
    })?;
    Ok(AuthorizationCode {
        digest,
        granted: body::decode("authorization code", &row.code_id, &row.body)?,
        code_id: row.code_id,
        client_id: row.client_id,
        user_id: row.user_id,
        browser_session: row.browser_session,
        auth_time: Timestamp::from_micros(row.auth_time),
        issued_at: Timestamp::from_micros(row.issued_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        used_at: body::instant(row.used_at),
        session_id: row.session_id,
    })
}

#[apply(per_backend!)]
#[async_trait]
impl AuthorizationCodes for Conn {
    async fn insert_code(&mut self, code: &AuthorizationCode) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_authorization_code (code_id, digest, client_id, user_id, browser_session, auth_time, body, \
             issued_at, expires_at, used_at, session_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
        )
        .bind(&code.code_id)
        .bind(&code.digest[..])
        .bind(&code.client_id)
        .bind(&code.user_id)
        .bind(&code.browser_session)
        .bind(code.auth_time.micros())
        .bind(body::encode("authorization code", &code.granted)?)
        .bind(code.issued_at.micros())
        .bind(code.expires_at.micros())
        .bind(code.used_at.map(Timestamp::micros))
        .bind(&code.session_id)
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn code(&mut self, code_id: &str) -> Result<Option<AuthorizationCode>> {
        let sql = "SELECT code_id, digest, client_id, user_id, browser_session, auth_time, body, issued_at, expires_at, \
                   used_at, session_id FROM pc_authorization_code WHERE code_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(code_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn use_code(&mut self, code_id: &str, at: Timestamp) -> Result<bool> {
        let used = sqlx::query_scalar::<Db, String>(
            "UPDATE pc_authorization_code SET used_at = $2 WHERE code_id = $1 AND used_at IS NULL AND expires_at > $2 \
             RETURNING code_id",
        )
        .bind(code_id)
        .bind(at.micros());
        Ok(used.fetch_optional(&mut *self).await?.is_some())
    }

    async fn put_code_session(&mut self, code_id: &str, session_id: &str) -> Result<()> {
        let sql = "UPDATE pc_authorization_code SET session_id = $2 WHERE code_id = $1";
        sqlx::query::<Db>(sql).bind(code_id).bind(session_id).execute(&mut *self).await?;
        Ok(())
    }

    async fn delete_unused_codes(&mut self, user_id: &str, client_id: &str) -> Result<u64> {
        let sql =
            "DELETE FROM pc_authorization_code WHERE user_id = $1 AND client_id = $2 AND used_at IS NULL";
        let done = sqlx::query::<Db>(sql).bind(user_id).bind(client_id).execute(&mut *self).await?;
        Ok(done.rows_affected())
    }

    async fn delete_past_codes(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_authorization_code WHERE code_id IN \
             (SELECT code_id FROM pc_authorization_code WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        )
        .bind(before.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
