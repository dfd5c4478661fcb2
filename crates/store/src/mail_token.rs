use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::Timestamp;

use crate::Result;
use crate::dialect::per_backend;

/// What a link in a mail is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailPurpose {
    /// Setting another password.
    ResetPassword,
    /// Proving the address.
    VerifyEmail,
}

impl MailPurpose {
    fn code(self) -> &'static str {
        match self {
            Self::ResetPassword => "reset_password",
            Self::VerifyEmail => "verify_email",
        }
    }
}

/// A link in a mail as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailToken {
    /// The public half of the token.
    pub token_id: String,
    /// SHA-256 of the secret half.
    pub digest: [u8; 32],
    /// Whose it is.
    pub user_id: String,
    /// What it is good for.
    pub purpose: MailPurpose,
    /// Where it was sent.
    pub address: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Links in mails (table `pc_mail_token`); each is used once.
#[async_trait]
pub trait MailTokens: Send {
    /// Adds one. False: the id exists.
    async fn insert_mail_token(&mut self, token: &MailToken) -> Result<bool>;

    /// Whose one is that could be used up now.
    async fn mail_token_owner(
        &mut self,
        (token_id, digest): (&str, &[u8; 32]),
        purpose: MailPurpose,
        now: Timestamp,
    ) -> Result<Option<String>>;

    /// Uses one up, and gives its user and the address it was sent to. `None`: there is no such one, its secret is another, it
    /// is for something else, was used, or has expired.
    async fn consume_mail_token(
        &mut self,
        (token_id, digest): (&str, &[u8; 32]),
        purpose: MailPurpose,
        now: Timestamp,
    ) -> Result<Option<(String, String)>>;

    /// Uses up every one of a user that is left, for one purpose.
    async fn end_mail_tokens(&mut self, user_id: &str, purpose: MailPurpose, now: Timestamp) -> Result<()>;

    /// Deletes up to `limit` that have expired, and says how many.
    async fn delete_expired_mail_tokens(&mut self, now: Timestamp, limit: u32) -> Result<u64>;
}

#[apply(per_backend!)]
#[async_trait]
impl MailTokens for Conn {
    async fn insert_mail_token(&mut self, token: &MailToken) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_mail_token (token_id, digest, user_id, purpose, address, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(&token.token_id)
        .bind(token.digest.as_slice())
        .bind(&token.user_id)
        .bind(token.purpose.code())
        .bind(&token.address)
        .bind(token.expires_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn mail_token_owner(
        &mut self,
        (token_id, digest): (&str, &[u8; 32]),
        purpose: MailPurpose,
        now: Timestamp,
    ) -> Result<Option<String>> {
        let owner = sqlx::query_scalar::<Db, String>(
            "SELECT user_id FROM pc_mail_token WHERE token_id = $1 AND digest = $2 AND purpose = $3 \
             AND used_at IS NULL AND expires_at > $4",
        )
        .bind(token_id)
        .bind(digest.as_slice())
        .bind(purpose.code())
        .bind(now.micros())
        .fetch_optional(&mut *self)
        .await?;
        Ok(owner)
    }

    async fn consume_mail_token(
        &mut self,
        (token_id, digest): (&str, &[u8; 32]),
        purpose: MailPurpose,
        now: Timestamp,
    ) -> Result<Option<(String, String)>> {
        let used = sqlx::query_as::<Db, _>(
            "UPDATE pc_mail_token SET used_at = $4 WHERE token_id = $1 AND digest = $2 AND purpose = $3 \
             AND used_at IS NULL AND expires_at > $4 RETURNING user_id, address",
        )
        .bind(token_id)
        .bind(digest.as_slice())
        .bind(purpose.code())
        .bind(now.micros())
        .fetch_optional(&mut *self)
        .await?;
        Ok(used)
    }

    async fn end_mail_tokens(&mut self, user_id: &str, purpose: MailPurpose, now: Timestamp) -> Result<()> {
        let sql =
            "UPDATE pc_mail_token SET used_at = $3 WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL";
        sqlx::query::<Db>(sql)
            .bind(user_id)
            .bind(purpose.code())
            .bind(now.micros())
            .execute(&mut *self)
            .await?;
        Ok(())
    }

    async fn delete_expired_mail_tokens(&mut self, now: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_mail_token WHERE token_id IN \
             (SELECT token_id FROM pc_mail_token WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
        )
        .bind(now.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
