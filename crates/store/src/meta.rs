use async_trait::async_trait;
use macro_rules_attribute::apply;

use crate::Result;
use crate::dialect::per_backend;

/// Facts about the installation, by name (table `pc_meta`).
#[async_trait]
pub trait Meta: Send {
    /// The value of `name`.
    async fn meta(&mut self, name: &str) -> Result<Option<String>>;

    /// Sets `name`, whether or not it was set.
    async fn set_meta(&mut self, name: &str, value: &str) -> Result<()>;

    /// Sets `name` unless it was set. False: it was, and stays.
    async fn create_meta(&mut self, name: &str, value: &str) -> Result<bool>;
}

#[apply(per_backend!)]
#[async_trait]
impl Meta for Conn {
    async fn meta(&mut self, name: &str) -> Result<Option<String>> {
        let value = sqlx::query_scalar::<Db, String>("SELECT value FROM pc_meta WHERE name = $1").bind(name);
        Ok(value.fetch_optional(&mut *self).await?)
    }

    async fn set_meta(&mut self, name: &str, value: &str) -> Result<()> {
        sqlx::query::<Db>(
            "INSERT INTO pc_meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn create_meta(&mut self, name: &str, value: &str) -> Result<bool> {
        let done =
            sqlx::query::<Db>("INSERT INTO pc_meta (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                .bind(name)
                .bind(value)
                .execute(&mut *self)
                .await?;
        Ok(done.rows_affected() > 0)
    }
}
