use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredRole;
use portcullis_types::Timestamp;

use crate::dialect::{filtered, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Roles (table `pc_role`). The built-in ones are not stored.
#[async_trait]
pub trait Roles: Send {
    /// Adds a role. False: the id exists.
    async fn insert_role(&mut self, role: &StoredRole) -> Result<bool>;

    /// Replaces a role. False: there is none of that id.
    async fn update_role(&mut self, role: &StoredRole) -> Result<bool>;

    /// Deletes a role. False: there is none of that id. Statements that name it stay, and grant nothing by it.
    async fn delete_role(&mut self, role_id: &str) -> Result<bool>;

    /// The role of that id.
    async fn role(&mut self, role_id: &str) -> Result<Option<StoredRole>>;

    /// Roles in the order of their ids; the filter looks into id, name, description and actions.
    async fn list_roles(&mut self, page: &Page) -> Result<Vec<StoredRole>>;
}

fn folded(role: &StoredRole) -> String {
    let texts = [role.role_id.as_str(), &role.name, role.description.as_deref().unwrap_or_default()];
    fold_all(texts.into_iter().chain(role.permissions.iter().map(|permission| permission.action.as_str())))
}

fn read((role_id, text, updated_at): (String, String, i64)) -> Result<StoredRole> {
    let role = body::decode("role", &role_id, &text)?;
    Ok(StoredRole { role_id, updated_at: Timestamp::from_micros(updated_at), ..role })
}

#[apply(per_backend!)]
#[async_trait]
impl Roles for Conn {
    async fn insert_role(&mut self, role: &StoredRole) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_role (role_id, body, folded, updated_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&role.role_id)
        .bind(body::encode("role", role)?)
        .bind(folded(role))
        .bind(role.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_role(&mut self, role: &StoredRole) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_role SET body = $2, folded = $3, updated_at = $4 WHERE role_id = $1",
        )
        .bind(&role.role_id)
        .bind(body::encode("role", role)?)
        .bind(folded(role))
        .bind(role.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_role(&mut self, role_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_role WHERE role_id = $1").bind(role_id);
        Ok(done.execute(&mut *self).await?.rows_affected() > 0)
    }

    async fn role(&mut self, role_id: &str) -> Result<Option<StoredRole>> {
        sqlx::query_as::<Db, _>("SELECT role_id, body, updated_at FROM pc_role WHERE role_id = $1")
            .bind(role_id)
            .fetch_optional(&mut *self)
            .await?
            .map(read)
            .transpose()
    }

    async fn list_roles(&mut self, page: &Page) -> Result<Vec<StoredRole>> {
        let sql = filtered!(
            "SELECT role_id, body, updated_at FROM pc_role WHERE role_id >= $1",
            "ORDER BY role_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }
}
