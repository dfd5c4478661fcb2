use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::Timestamp;

use crate::Result;
use crate::dialect::per_backend;

/// The cookie of a browser that is signed in, as it is stored: nothing of it can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserCookie {
    /// The public half of its text.
    pub browser_id: String,
    /// SHA-256 of the secret half.
    pub digest: [u8; 32],
    /// The session that it belongs to.
    pub session_id: String,
    /// The session's last instant.
    pub expires_at: Timestamp,
}

/// Cookies of browsers that are signed in (table `pc_browser_session`).
#[async_trait]
pub trait BrowserSessions: Send {
    /// Adds one. False: the id exists.
    async fn insert_browser_cookie(&mut self, cookie: &BrowserCookie) -> Result<bool>;

    /// The session of the cookie with that id and that digest.
    async fn browser_cookie_session(&mut self, browser_id: &str, digest: &[u8; 32])
    -> Result<Option<String>>;

    /// Deletes the cookies of a session, and says how many.
    async fn delete_browser_cookies_of(&mut self, session_id: &str) -> Result<u64>;

    /// Deletes up to `limit` whose session is over since `before`, and says how many.
    async fn delete_expired_browser_cookies(&mut self, before: Timestamp, limit: u32) -> Result<u64>;
}

#[apply(per_backend!)]
#[async_trait]
impl BrowserSessions for Conn {
    async fn insert_browser_cookie(&mut self, cookie: &BrowserCookie) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_browser_session (browser_id, digest, session_id, expires_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&cookie.browser_id)
        .bind(cookie.digest.as_slice())
        .bind(&cookie.session_id)
        .bind(cookie.expires_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn browser_cookie_session(
        &mut self,
        browser_id: &str,
        digest: &[u8; 32],
    ) -> Result<Option<String>> {
        let sql = "SELECT session_id FROM pc_browser_session WHERE browser_id = $1 AND digest = $2";
        let found = sqlx::query_scalar::<Db, String>(sql).bind(browser_id).bind(digest.as_slice());
        Ok(found.fetch_optional(&mut *self).await?)
    }

    async fn delete_browser_cookies_of(&mut self, session_id: &str) -> Result<u64> {
        let sql = "DELETE FROM pc_browser_session WHERE session_id = $1";
        Ok(sqlx::query::<Db>(sql).bind(session_id).execute(&mut *self).await?.rows_affected())
    }

    async fn delete_expired_browser_cookies(&mut self, before: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_browser_session WHERE browser_id IN \
             (SELECT browser_id FROM pc_browser_session WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        )
        .bind(before.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
