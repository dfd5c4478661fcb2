use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{StoredOverride, principal_id};
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Overrides of single users (table `pc_override`).
#[async_trait]
pub trait Overrides: Send {
    /// Adds an override. False: the id exists.
    async fn insert_override(&mut self, one: &StoredOverride) -> Result<bool>;

    /// Replaces an override. False: there is none of that id.
    async fn update_override(&mut self, one: &StoredOverride) -> Result<bool>;

    /// Deletes an override. False: there is none of that id.
    async fn delete_override(&mut self, override_id: &str) -> Result<bool>;

    /// The override of that id. (`override` is a word of the language.)
    async fn override_of_id(&mut self, override_id: &str) -> Result<Option<StoredOverride>>;

    /// The override of that id, which nobody else changes before this transaction ends.
    async fn override_for_update(&mut self, override_id: &str) -> Result<Option<StoredOverride>>;

    /// Overrides in the order of their ids; the filter looks into id, user, permission and resource.
    async fn list_overrides(&mut self, page: &Page) -> Result<Vec<StoredOverride>>;

    /// The first `limit` overrides of a user, past ones too, in the order of their ids.
    async fn overrides_of(&mut self, user_id: &str, limit: u32) -> Result<Vec<StoredOverride>>;
}

type Row = (String, String, i64);

fn folded(one: &StoredOverride) -> String {
    fold_all([one.override_id.as_str(), &one.body.user_id, &one.body.permission, &one.body.resource])
}

fn read((override_id, text, updated_at): Row) -> Result<StoredOverride> {
    let body = body::decode("override", &override_id, &text)?;
    Ok(StoredOverride { override_id, body, updated_at: Timestamp::from_micros(updated_at) })
}

#[apply(per_backend!)]
#[async_trait]
impl Overrides for Conn {
    async fn insert_override(&mut self, one: &StoredOverride) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_override (override_id, user_id, body, folded, updated_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&one.override_id)
        .bind(principal_id(&one.body.user_id))
        .bind(body::encode("override", &one.body)?)
        .bind(folded(one))
        .bind(one.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_override(&mut self, one: &StoredOverride) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_override SET user_id = $2, body = $3, folded = $4, updated_at = $5 WHERE override_id = $1",
        )
        .bind(&one.override_id)
        .bind(principal_id(&one.body.user_id))
        .bind(body::encode("override", &one.body)?)
        .bind(folded(one))
        .bind(one.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_override(&mut self, override_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_override WHERE override_id = $1").bind(override_id);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn override_of_id(&mut self, override_id: &str) -> Result<Option<StoredOverride>> {
        let sql = "SELECT override_id, body, updated_at FROM pc_override WHERE override_id = $1";
        let row = sqlx::query_as::<Db, _>(sql).bind(override_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn override_for_update(&mut self, override_id: &str) -> Result<Option<StoredOverride>> {
        let sql = for_update!("SELECT override_id, body, updated_at FROM pc_override WHERE override_id = $1");
        let row = sqlx::query_as::<Db, _>(sql).bind(override_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_overrides(&mut self, page: &Page) -> Result<Vec<StoredOverride>> {
        let sql = filtered!(
            "SELECT override_id, body, updated_at FROM pc_override WHERE override_id >= $1",
            "ORDER BY override_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn overrides_of(&mut self, user_id: &str, limit: u32) -> Result<Vec<StoredOverride>> {
        let sql = "SELECT override_id, body, updated_at FROM pc_override WHERE user_id = $1 ORDER BY override_id LIMIT $2";
        let rows = sqlx::query_as::<Db, _>(sql).bind(user_id).bind(i64::from(limit));
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }
}
