use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::UserProfile;
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Users' profiles (table `pc_user`).
#[async_trait]
pub trait Users: Send {
    /// Adds a profile. False: the id exists.
    async fn insert_user(&mut self, user: &UserProfile) -> Result<bool>;

    /// Sets a profile, whether or not there was one.
    async fn put_user(&mut self, user: &UserProfile) -> Result<()>;

    /// The profile of that id.
    async fn user(&mut self, user_id: &str) -> Result<Option<UserProfile>>;

    /// The profile of that id, which nobody else changes before this transaction ends.
    async fn user_for_update(&mut self, user_id: &str) -> Result<Option<UserProfile>>;

    /// Deletes a profile. False: there is none of that id. What the user was granted stays.
    async fn delete_user(&mut self, user_id: &str) -> Result<bool>;

    /// Profiles in the order of their ids; the filter looks into id, name and e-mail address.
    async fn list_users(&mut self, page: &Page) -> Result<Vec<UserProfile>>;
}

fn folded(user: &UserProfile) -> String {
    let name = user.name.as_deref().unwrap_or_default();
    fold_all([user.user_id.as_str(), name, user.email.as_deref().unwrap_or_default()])
}

fn read((user_id, text, created_at): (String, String, i64)) -> Result<UserProfile> {
    let user = body::decode("user", &user_id, &text)?;
    Ok(UserProfile { user_id, created_at: Timestamp::from_micros(created_at), ..user })
}

#[apply(per_backend!)]
#[async_trait]
impl Users for Conn {
    async fn insert_user(&mut self, user: &UserProfile) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_user (user_id, body, folded, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&user.user_id)
        .bind(body::encode("user", user)?)
        .bind(folded(user))
        .bind(user.created_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn put_user(&mut self, user: &UserProfile) -> Result<()> {
        sqlx::query::<Db>(
            "INSERT INTO pc_user (user_id, body, folded, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) \
             DO UPDATE SET body = excluded.body, folded = excluded.folded, created_at = excluded.created_at",
        )
        .bind(&user.user_id)
        .bind(body::encode("user", user)?)
        .bind(folded(user))
        .bind(user.created_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn user(&mut self, user_id: &str) -> Result<Option<UserProfile>> {
        let sql = "SELECT user_id, body, created_at FROM pc_user WHERE user_id = $1";
        let row = sqlx::query_as::<Db, _>(sql).bind(user_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn user_for_update(&mut self, user_id: &str) -> Result<Option<UserProfile>> {
        let sql = for_update!("SELECT user_id, body, created_at FROM pc_user WHERE user_id = $1");
        let row = sqlx::query_as::<Db, _>(sql).bind(user_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn delete_user(&mut self, user_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_user WHERE user_id = $1").bind(user_id);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn list_users(&mut self, page: &Page) -> Result<Vec<UserProfile>> {
        let sql = filtered!(
            "SELECT user_id, body, created_at FROM pc_user WHERE user_id >= $1",
            "ORDER BY user_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }
}
