use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_types::{Sensitive, Timestamp};

use crate::Result;
use crate::dialect::{for_update, per_backend};

/// A person's password as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPassword {
    /// A PHC string, or the form in which the hash was imported.
    pub hash: Sensitive,
    /// When the person set it, not when it was last hashed.
    pub set_at: Timestamp,
}

/// People's passwords (table `pc_password`).
#[async_trait]
pub trait Passwords: Send {
    /// The password of a user.
    async fn password(&mut self, user_id: &str) -> Result<Option<StoredPassword>>;

    /// The password of a user, which nobody else changes before this transaction ends.
    async fn password_for_update(&mut self, user_id: &str) -> Result<Option<StoredPassword>>;

    /// Sets a user's password, whether or not there was one.
    async fn put_password(&mut self, user_id: &str, password: &StoredPassword) -> Result<()>;

    /// Deletes a user's password, if there is one.
    async fn delete_password(&mut self, user_id: &str) -> Result<()>;
}

fn read((hash, set_at): (String, i64)) -> StoredPassword {
    StoredPassword { hash: hash.into(), set_at: Timestamp::from_micros(set_at) }
}

#[apply(per_backend!)]
#[async_trait]
impl Passwords for Conn {
    async fn password(&mut self, user_id: &str) -> Result<Option<StoredPassword>> {
        let sql = "SELECT hash, set_at FROM pc_password WHERE user_id = $1";
        Ok(sqlx::query_as::<Db, _>(sql).bind(user_id).fetch_optional(&mut *self).await?.map(read))
    }

    async fn password_for_update(&mut self, user_id: &str) -> Result<Option<StoredPassword>> {
        let sql = for_update!("SELECT hash, set_at FROM pc_password WHERE user_id = $1");
        Ok(sqlx::query_as::<Db, _>(sql).bind(user_id).fetch_optional(&mut *self).await?.map(read))
    }

    async fn put_password(&mut self, user_id: &str, password: &StoredPassword) -> Result<()> {
        sqlx::query::<Db>(
            "INSERT INTO pc_password (user_id, hash, set_at) VALUES ($1, $2, $3) \
             ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at",
        )
        .bind(user_id)
        .bind(password.hash.expose())
        .bind(password.set_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn delete_password(&mut self, user_id: &str) -> Result<()> {
        let sql = "DELETE FROM pc_password WHERE user_id = $1";
        sqlx::query::<Db>(sql).bind(user_id).execute(&mut *self).await?;
        Ok(())
    }
}
