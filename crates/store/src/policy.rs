use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{StoredOverride, StoredPolicy, principal_id};
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Attribute policies (table `pc_policy`) and overrides of single users (table `pc_override`).
#[async_trait]
pub trait Policies: Send {
    /// Adds a policy. False: the id exists.
    async fn insert_policy(&mut self, policy: &StoredPolicy) -> Result<bool>;

    /// Replaces a policy. False: there is none of that id.
    async fn update_policy(&mut self, policy: &StoredPolicy) -> Result<bool>;

    /// Deletes a policy. False: there is none of that id.
    async fn delete_policy(&mut self, policy_id: &str) -> Result<bool>;

    /// The policy of that id.
    async fn policy(&mut self, policy_id: &str) -> Result<Option<StoredPolicy>>;

    /// The policy of that id, which nobody else changes before this transaction ends.
    async fn policy_for_update(&mut self, policy_id: &str) -> Result<Option<StoredPolicy>>;

    /// Policies in the order of their ids; the filter looks into id, name, permission and resource.
    async fn list_policies(&mut self, page: &Page) -> Result<Vec<StoredPolicy>>;

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

fn folded(policy: &StoredPolicy) -> String {
    fold_all([policy.policy_id.as_str(), &policy.body.name, &policy.body.permission, &policy.body.resource])
}

fn folded_override(one: &StoredOverride) -> String {
    fold_all([one.override_id.as_str(), &one.body.user_id, &one.body.permission, &one.body.resource])
}

fn read((policy_id, text, updated_at): Row) -> Result<StoredPolicy> {
    let body = body::decode("policy", &policy_id, &text)?;
    Ok(StoredPolicy { policy_id, body, updated_at: Timestamp::from_micros(updated_at) })
}

fn read_override((override_id, text, updated_at): Row) -> Result<StoredOverride> {
    let body = body::decode("override", &override_id, &text)?;
    Ok(StoredOverride { override_id, body, updated_at: Timestamp::from_micros(updated_at) })
}

#[apply(per_backend!)]
#[async_trait]
impl Policies for Conn {
    async fn insert_policy(&mut self, policy: &StoredPolicy) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_policy (policy_id, body, folded, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&policy.policy_id)
        .bind(body::encode("policy", &policy.body)?)
        .bind(folded(policy))
        .bind(policy.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_policy(&mut self, policy: &StoredPolicy) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_policy SET body = $2, folded = $3, updated_at = $4 WHERE policy_id = $1",
        )
        .bind(&policy.policy_id)
        .bind(body::encode("policy", &policy.body)?)
        .bind(folded(policy))
        .bind(policy.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_policy(&mut self, policy_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_policy WHERE policy_id = $1").bind(policy_id);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn policy(&mut self, policy_id: &str) -> Result<Option<StoredPolicy>> {
        let sql = "SELECT policy_id, body, updated_at FROM pc_policy WHERE policy_id = $1";
        let row = sqlx::query_as::<Db, _>(sql).bind(policy_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn policy_for_update(&mut self, policy_id: &str) -> Result<Option<StoredPolicy>> {
        let sql = for_update!("SELECT policy_id, body, updated_at FROM pc_policy WHERE policy_id = $1");
        let row = sqlx::query_as::<Db, _>(sql).bind(policy_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_policies(&mut self, page: &Page) -> Result<Vec<StoredPolicy>> {
        let sql = filtered!(
            "SELECT policy_id, body, updated_at FROM pc_policy WHERE policy_id >= $1",
            "ORDER BY policy_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn insert_override(&mut self, one: &StoredOverride) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_override (override_id, user_id, body, folded, updated_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&one.override_id)
        .bind(principal_id(&one.body.user_id))
        .bind(body::encode("override", &one.body)?)
        .bind(folded_override(one))
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
        .bind(folded_override(one))
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
        row.map(read_override).transpose()
    }

    async fn override_for_update(&mut self, override_id: &str) -> Result<Option<StoredOverride>> {
        let sql = for_update!("SELECT override_id, body, updated_at FROM pc_override WHERE override_id = $1");
        let row = sqlx::query_as::<Db, _>(sql).bind(override_id).fetch_optional(&mut *self).await?;
        row.map(read_override).transpose()
    }

    async fn list_overrides(&mut self, page: &Page) -> Result<Vec<StoredOverride>> {
        let sql = filtered!(
            "SELECT override_id, body, updated_at FROM pc_override WHERE override_id >= $1",
            "ORDER BY override_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read_override).collect()
    }

    async fn overrides_of(&mut self, user_id: &str, limit: u32) -> Result<Vec<StoredOverride>> {
        let sql = "SELECT override_id, body, updated_at FROM pc_override WHERE user_id = $1 ORDER BY override_id LIMIT $2";
        let rows = sqlx::query_as::<Db, _>(sql).bind(user_id).bind(i64::from(limit));
        rows.fetch_all(&mut *self).await?.into_iter().map(read_override).collect()
    }
}
