use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::UserPool;
use portcullis_types::Timestamp;
use portcullis_types::sign_in::Registration;

use crate::dialect::per_backend;
use crate::page::start;
use crate::{Result, StoreError};

/// User pools (table `pc_user_pool`).
#[async_trait]
pub trait UserPools: Send {
    /// Sets a pool, whether or not there was one; when it was made stays.
    async fn put_user_pool(&mut self, pool: &UserPool) -> Result<()>;

    /// The pool of that id.
    async fn user_pool(&mut self, pool_id: &str) -> Result<Option<UserPool>>;

    /// Up to `limit` pools after that id, in the order of their ids.
    async fn list_user_pools(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<UserPool>>;
}

#[derive(sqlx::FromRow)]
struct Row {
    pool_id: String,
    name: Option<String>,
    registration: Option<String>,
    require_verified_email: Option<i64>,
    created_at: i64,
}

fn code(registration: Registration) -> &'static str {
    match registration {
        Registration::Open => "open",
        Registration::Closed => "closed",
    }
}

fn read(row: Row) -> Result<UserPool> {
    let registration = match row.registration.as_deref() {
        None => None,
        Some("open") => Some(Registration::Open),
        Some("closed") => Some(Registration::Closed),
        Some(_) => return Err(StoreError::corrupt(format!("user pool {}", row.pool_id), "registration")),
    };
    Ok(UserPool {
        pool_id: row.pool_id,
        name: row.name,
        registration,
        require_verified_email: row.require_verified_email.map(|required| required != 0),
        created_at: Timestamp::from_micros(row.created_at),
    })
}

#[apply(per_backend!)]
#[async_trait]
impl UserPools for Conn {
    async fn put_user_pool(&mut self, pool: &UserPool) -> Result<()> {
        sqlx::query::<Db>(
            "INSERT INTO pc_user_pool (pool_id, name, registration, require_verified_email, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (pool_id) DO UPDATE SET name = excluded.name, \
             registration = excluded.registration, require_verified_email = excluded.require_verified_email",
        )
        .bind(&pool.pool_id)
        .bind(&pool.name)
        .bind(pool.registration.map(code))
        .bind(pool.require_verified_email.map(i64::from))
        .bind(pool.created_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn user_pool(&mut self, pool_id: &str) -> Result<Option<UserPool>> {
        let sql = "SELECT pool_id, name, registration, require_verified_email, created_at FROM pc_user_pool WHERE pool_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(pool_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_user_pools(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<UserPool>> {
        let rows = sqlx::query_as::<Db, Row>(
            "SELECT pool_id, name, registration, require_verified_email, created_at FROM pc_user_pool \
             WHERE pool_id >= $1 ORDER BY pool_id LIMIT $2",
        )
        .bind(start(after))
        .bind(i64::from(limit))
        .fetch_all(&mut *self)
        .await?;
        rows.into_iter().map(read).collect()
    }
}
