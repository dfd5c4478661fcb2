use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredOperation;
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Operations (table `pc_operation`).
#[async_trait]
pub trait Operations: Send {
    /// Adds an operation. False: the id exists.
    async fn insert_operation(&mut self, operation: &StoredOperation) -> Result<bool>;

    /// Replaces an operation. False: there is none of that id.
    async fn update_operation(&mut self, operation: &StoredOperation) -> Result<bool>;

    /// Deletes an operation. False: there is none of that id.
    async fn delete_operation(&mut self, operation_id: &str) -> Result<bool>;

    /// The operation of that id.
    async fn operation(&mut self, operation_id: &str) -> Result<Option<StoredOperation>>;

    /// The operation of that id, which nobody else changes before this transaction ends.
    async fn operation_for_update(&mut self, operation_id: &str) -> Result<Option<StoredOperation>>;

    /// Operations in the order of their ids; the filter looks into id and permission.
    async fn list_operations(&mut self, page: &Page) -> Result<Vec<StoredOperation>>;
}

fn folded(operation: &StoredOperation) -> String {
    fold_all([operation.operation_id.as_str(), &operation.body.permission])
}

fn read((operation_id, version, text, updated_at): (String, i64, String, i64)) -> Result<StoredOperation> {
    let body = body::decode("operation", &operation_id, &text)?;
    Ok(StoredOperation { operation_id, version, body, updated_at: Timestamp::from_micros(updated_at) })
}

#[apply(per_backend!)]
#[async_trait]
impl Operations for Conn {
    async fn insert_operation(&mut self, operation: &StoredOperation) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_operation (operation_id, version, body, folded, updated_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&operation.operation_id)
        .bind(operation.version)
        .bind(body::encode("operation", &operation.body)?)
        .bind(folded(operation))
        .bind(operation.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_operation(&mut self, operation: &StoredOperation) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_operation SET version = $2, body = $3, folded = $4, updated_at = $5 WHERE operation_id = $1",
        )
        .bind(&operation.operation_id)
        .bind(operation.version)
        .bind(body::encode("operation", &operation.body)?)
        .bind(folded(operation))
        .bind(operation.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_operation(&mut self, operation_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_operation WHERE operation_id = $1").bind(operation_id);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn operation(&mut self, operation_id: &str) -> Result<Option<StoredOperation>> {
        let sql = "SELECT operation_id, version, body, updated_at FROM pc_operation WHERE operation_id = $1";
        let row = sqlx::query_as::<Db, _>(sql).bind(operation_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn operation_for_update(&mut self, operation_id: &str) -> Result<Option<StoredOperation>> {
        let sql = for_update!(
            "SELECT operation_id, version, body, updated_at FROM pc_operation WHERE operation_id = $1"
        );
        let row = sqlx::query_as::<Db, _>(sql).bind(operation_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_operations(&mut self, page: &Page) -> Result<Vec<StoredOperation>> {
        let sql = filtered!(
            "SELECT operation_id, version, body, updated_at FROM pc_operation WHERE operation_id >= $1",
            "ORDER BY operation_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }
}
