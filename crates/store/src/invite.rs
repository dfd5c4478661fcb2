use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredInvite;
use portcullis_types::Timestamp;

use crate::dialect::per_backend;
use crate::{Result, body};

/// Invites (table `pc_invite`). A used invite is as if it did not exist.
#[async_trait]
pub trait Invites: Send {
    /// Adds an invite. False: the id exists.
    async fn insert_invite(&mut self, invite: &StoredInvite) -> Result<bool>;

    /// The unused invite of that id, expired or not.
    async fn invite(&mut self, invite_id: &str) -> Result<Option<StoredInvite>>;

    /// Uses an invite: given to exactly one caller, and to none at or after its expiry.
    async fn consume_invite(&mut self, invite_id: &str, now: Timestamp) -> Result<Option<StoredInvite>>;

    /// Withdraws an unused invite. False: there is none of that id.
    async fn delete_invite(&mut self, invite_id: &str) -> Result<bool>;
}

fn read(row: (String, String, String, i64)) -> Result<StoredInvite> {
    let (invite_id, created_by, text, expires_at) = row;
    // The id is a secret: it is not said which invite it was.
    let invite = body::decode("invite of", &created_by, &text)?;
    Ok(StoredInvite { invite_id, created_by, expires_at: Timestamp::from_micros(expires_at), ..invite })
}

#[apply(per_backend!)]
#[async_trait]
impl Invites for Conn {
    async fn insert_invite(&mut self, invite: &StoredInvite) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_invite (invite_id, created_by, body, expires_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&invite.invite_id)
        .bind(&invite.created_by)
        .bind(body::encode("invite", invite)?)
        .bind(invite.expires_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn invite(&mut self, invite_id: &str) -> Result<Option<StoredInvite>> {
        sqlx::query_as::<Db, _>(
            "SELECT invite_id, created_by, body, expires_at FROM pc_invite WHERE invite_id = $1 AND used_at IS NULL",
        )
        .bind(invite_id)
        .fetch_optional(&mut *self)
        .await?
        .map(read)
        .transpose()
    }

    async fn consume_invite(&mut self, invite_id: &str, now: Timestamp) -> Result<Option<StoredInvite>> {
        sqlx::query_as::<Db, _>(
            "UPDATE pc_invite SET used_at = $2 WHERE invite_id = $1 AND used_at IS NULL AND expires_at > $2 \
             RETURNING invite_id, created_by, body, expires_at",
        )
        .bind(invite_id)
        .bind(now.micros())
        .fetch_optional(&mut *self)
        .await?
        .map(read)
        .transpose()
    }

    async fn delete_invite(&mut self, invite_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_invite WHERE invite_id = $1 AND used_at IS NULL");
        Ok(done.bind(invite_id).execute(&mut *self).await?.rows_affected() > 0)
    }
}
