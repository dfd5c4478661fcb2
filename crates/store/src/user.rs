use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::UserProfile;
use portcullis_types::Timestamp;
use portcullis_types::sign_in::UserState;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Users' profiles, and how they stand with signing in (tables `pc_user`, `pc_user_identifier`).
///
/// A profile's address is claimed by [`Users::claim_identifier`]; deleting the profile gives it up.
#[async_trait]
pub trait Users: Send {
    /// Adds a profile. False: the id exists.
    async fn insert_user(&mut self, user: &UserProfile) -> Result<bool>;

    /// Sets a profile, whether or not there was one. Of one that was there the state stays as it is: whether it is disabled,
    /// and the subject's epoch.
    async fn put_user(&mut self, user: &UserProfile) -> Result<()>;

    /// The profile of that id.
    async fn user(&mut self, user_id: &str) -> Result<Option<UserProfile>>;

    /// The profile of that id, which nobody else changes before this transaction ends.
    async fn user_for_update(&mut self, user_id: &str) -> Result<Option<UserProfile>>;

    /// The profile that claimed the identifier in a pool.
    async fn user_by_identifier(&mut self, pool: &str, identifier: &str) -> Result<Option<UserProfile>>;

    /// Makes the identifier in the pool the only one of the user. False: it is somebody else's, and the user has none now.
    async fn claim_identifier(&mut self, pool: &str, identifier: &str, user_id: &str) -> Result<bool>;

    /// Gives up the user's identifier, if there is one.
    async fn release_identifier(&mut self, user_id: &str) -> Result<()>;

    /// Disables a person. False: there is none of that id, or they are disabled.
    async fn disable_user(&mut self, user_id: &str, at: Timestamp) -> Result<bool>;

    /// Ends that. False: there is none of that id, or they are not disabled.
    async fn enable_user(&mut self, user_id: &str) -> Result<bool>;

    /// Notes that the address was proven. False: it was, or is not the profile's any more.
    async fn verify_user_email(&mut self, user_id: &str) -> Result<bool>;

    /// Sets the subject's epoch, unless it is later already: what was issued before `at` is not good.
    async fn set_not_before(&mut self, user_id: &str, at: Timestamp) -> Result<()>;

    /// Deletes a profile. False: there is none of that id. What the user was granted stays.
    async fn delete_user(&mut self, user_id: &str) -> Result<bool>;

    /// Profiles in the order of their ids; the filter looks into id, name and e-mail address.
    async fn list_users(&mut self, page: &Page) -> Result<Vec<UserProfile>>;

    /// A pool's profiles, all of them or those in one state; as [`Users::list_users`].
    async fn list_pool_users(
        &mut self,
        pool: &str,
        state: Option<UserState>,
        page: &Page,
    ) -> Result<Vec<UserProfile>>;
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: String,
    body: String,
    created_at: i64,
    pool: String,
    email_verified: i64,
    disabled_at: Option<i64>,
    not_before: Option<i64>,
}

fn folded(user: &UserProfile) -> String {
    let name = user.name.as_deref().unwrap_or_default();
    fold_all([user.user_id.as_str(), name, user.email.as_deref().unwrap_or_default()])
}

fn read(row: Row) -> Result<UserProfile> {
    let user: UserProfile = body::decode("user", &row.user_id, &row.body)?;
    Ok(UserProfile {
        user_id: row.user_id,
        created_at: Timestamp::from_micros(row.created_at),
        pool: row.pool,
        email_verified: row.email_verified != 0,
        disabled_at: body::instant(row.disabled_at),
        not_before: body::instant(row.not_before),
        ..user
    })
}

/// A text that reads whole profiles; what follows is appended.
macro_rules! profiles {
    ($tail:literal) => {
        concat!(
            "SELECT user_id, body, created_at, pool, email_verified, disabled_at, not_before FROM pc_user ",
            $tail
        )
    };
}

#[apply(per_backend!)]
#[async_trait]
impl Users for Conn {
    async fn insert_user(&mut self, user: &UserProfile) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_user (user_id, body, folded, created_at, pool, email_verified, disabled_at, not_before) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        )
        .bind(&user.user_id)
        .bind(body::encode("user", user)?)
        .bind(folded(user))
        .bind(user.created_at.micros())
        .bind(&user.pool)
        .bind(i64::from(user.email_verified))
        .bind(user.disabled_at.map(Timestamp::micros))
        .bind(user.not_before.map(Timestamp::micros))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn put_user(&mut self, user: &UserProfile) -> Result<()> {
        sqlx::query::<Db>(
            "INSERT INTO pc_user (user_id, body, folded, created_at, pool, email_verified, disabled_at, not_before) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (user_id) DO UPDATE SET body = excluded.body, \
             folded = excluded.folded, created_at = excluded.created_at, pool = excluded.pool, \
             email_verified = excluded.email_verified",
        )
        .bind(&user.user_id)
        .bind(body::encode("user", user)?)
        .bind(folded(user))
        .bind(user.created_at.micros())
        .bind(&user.pool)
        .bind(i64::from(user.email_verified))
        .bind(user.disabled_at.map(Timestamp::micros))
        .bind(user.not_before.map(Timestamp::micros))
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn user(&mut self, user_id: &str) -> Result<Option<UserProfile>> {
        let sql = profiles!("WHERE user_id = $1");
        let row = sqlx::query_as::<Db, Row>(sql).bind(user_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn user_for_update(&mut self, user_id: &str) -> Result<Option<UserProfile>> {
        let sql = for_update!(
            "SELECT user_id, body, created_at, pool, email_verified, disabled_at, not_before FROM pc_user \
             WHERE user_id = $1"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(user_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn user_by_identifier(&mut self, pool: &str, identifier: &str) -> Result<Option<UserProfile>> {
        let sql = profiles!(
            "WHERE user_id = (SELECT user_id FROM pc_user_identifier WHERE pool = $1 AND identifier = $2)"
        );
        let row =
            sqlx::query_as::<Db, Row>(sql).bind(pool).bind(identifier).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn claim_identifier(&mut self, pool: &str, identifier: &str, user_id: &str) -> Result<bool> {
        sqlx::query::<Db>(
            "DELETE FROM pc_user_identifier WHERE user_id = $3 AND NOT (pool = $1 AND identifier = $2)",
        )
        .bind(pool)
        .bind(identifier)
        .bind(user_id)
        .execute(&mut *self)
        .await?;
        // The update changes nothing; it makes the row, whoever's it is, come back.
        let owner = sqlx::query_scalar::<Db, String>(
            "INSERT INTO pc_user_identifier (pool, identifier, user_id) VALUES ($1, $2, $3) \
             ON CONFLICT (pool, identifier) DO UPDATE SET user_id = pc_user_identifier.user_id RETURNING user_id",
        )
        .bind(pool)
        .bind(identifier)
        .bind(user_id)
        .fetch_one(&mut *self)
        .await?;
        Ok(owner == user_id)
    }

    async fn release_identifier(&mut self, user_id: &str) -> Result<()> {
        let sql = "DELETE FROM pc_user_identifier WHERE user_id = $1";
        sqlx::query::<Db>(sql).bind(user_id).execute(&mut *self).await?;
        Ok(())
    }

    async fn disable_user(&mut self, user_id: &str, at: Timestamp) -> Result<bool> {
        let sql = "UPDATE pc_user SET disabled_at = $2 WHERE user_id = $1 AND disabled_at IS NULL";
        let done = sqlx::query::<Db>(sql).bind(user_id).bind(at.micros()).execute(&mut *self).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn enable_user(&mut self, user_id: &str) -> Result<bool> {
        let sql = "UPDATE pc_user SET disabled_at = NULL WHERE user_id = $1 AND disabled_at IS NOT NULL";
        let done = sqlx::query::<Db>(sql).bind(user_id).execute(&mut *self).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn verify_user_email(&mut self, user_id: &str) -> Result<bool> {
        let sql = "UPDATE pc_user SET email_verified = 1 WHERE user_id = $1 AND email_verified = 0";
        let done = sqlx::query::<Db>(sql).bind(user_id).execute(&mut *self).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn set_not_before(&mut self, user_id: &str, at: Timestamp) -> Result<()> {
        let sql = "UPDATE pc_user SET not_before = $2 WHERE user_id = $1 AND COALESCE(not_before, 0) < $2";
        sqlx::query::<Db>(sql).bind(user_id).bind(at.micros()).execute(&mut *self).await?;
        Ok(())
    }

    async fn delete_user(&mut self, user_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_user WHERE user_id = $1").bind(user_id);
        let deleted = done.execute(&mut *self).await?.rows_affected() > 0;
        self.release_identifier(user_id).await?;
        Ok(deleted)
    }

    async fn list_users(&mut self, page: &Page) -> Result<Vec<UserProfile>> {
        let sql = filtered!(
            "SELECT user_id, body, created_at, pool, email_verified, disabled_at, not_before FROM pc_user \
             WHERE user_id >= $1",
            "ORDER BY user_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn list_pool_users(
        &mut self,
        pool: &str,
        state: Option<UserState>,
        page: &Page,
    ) -> Result<Vec<UserProfile>> {
        let sql = match state {
            None => filtered!(
                "SELECT user_id, body, created_at, pool, email_verified, disabled_at, not_before FROM pc_user \
                 WHERE pool = $4 AND user_id >= $1",
                "ORDER BY user_id LIMIT $3"
            ),
            Some(UserState::Active) => filtered!(
                "SELECT user_id, body, created_at, pool, email_verified, disabled_at, not_before FROM pc_user \
                 WHERE pool = $4 AND user_id >= $1 AND disabled_at IS NULL",
                "ORDER BY user_id LIMIT $3"
            ),
            Some(UserState::Disabled) => filtered!(
                "SELECT user_id, body, created_at, pool, email_verified, disabled_at, not_before FROM pc_user \
                 WHERE pool = $4 AND user_id >= $1 AND disabled_at IS NOT NULL",
                "ORDER BY user_id LIMIT $3"
            ),
        };
        let rows = sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.bind(pool).fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }
}
