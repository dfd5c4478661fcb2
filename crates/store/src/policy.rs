use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredPolicy;
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Attribute policies (table `pc_policy`).
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
}

type Row = (String, String, i64);

fn folded(policy: &StoredPolicy) -> String {
    fold_all([policy.policy_id.as_str(), &policy.body.name, &policy.body.permission, &policy.body.resource])
}

fn read((policy_id, text, updated_at): Row) -> Result<StoredPolicy> {
    let body = body::decode("policy", &policy_id, &text)?;
    Ok(StoredPolicy { policy_id, body, updated_at: Timestamp::from_micros(updated_at) })
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
}
