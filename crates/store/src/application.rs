use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredApplicationSecret;
use portcullis_types::Timestamp;
use portcullis_types::application::Application;

use crate::dialect::{Dialect, filtered, for_update, per_backend};
use crate::page::fold_all;
use crate::{Page, Result, StoreError, body};

/// Applications, their secrets, and the client assertions that they used (tables `pc_application`, `pc_application_secret`,
/// `pc_client_assertion`).
#[async_trait]
pub trait Applications: Send {
    /// Keeps whoever asks for the same principal's id waiting until this transaction ends: users, service clients and applications
    /// are rows of different tables, and no two may have one id.
    async fn lock_principal(&mut self, id: &str) -> Result<()>;

    /// Adds an application. False: the id exists.
    async fn insert_application(&mut self, application: &Application) -> Result<bool>;

    /// Replaces an application. False: there is none of that id.
    async fn update_application(&mut self, application: &Application) -> Result<bool>;

    /// Deletes an application and its secrets. False: there is none of that id.
    async fn delete_application(&mut self, application_id: &str) -> Result<bool>;

    /// The application of that id.
    async fn application(&mut self, application_id: &str) -> Result<Option<Application>>;

    /// The application of that id, which nobody else changes before this transaction ends.
    async fn application_for_update(&mut self, application_id: &str) -> Result<Option<Application>>;

    /// Whether there is an application of that id; if so, nobody deletes it before this transaction ends. For whoever adds what its
    /// deletion would have to find.
    async fn keep_application(&mut self, application_id: &str) -> Result<bool>;

    /// The names of those of these applications that there are, each with its id, in the order of the ids.
    async fn application_names(&mut self, application_ids: &[String]) -> Result<Vec<(String, String)>>;

    /// Applications in the order of their ids; the filter looks into id and name.
    async fn list_applications(&mut self, page: &Page) -> Result<Vec<Application>>;

    /// Adds a secret. False: the application has one of that id. How many it has is counted by whoever holds its row.
    async fn insert_application_secret(&mut self, secret: &StoredApplicationSecret) -> Result<bool>;

    /// An application's secrets, in the order of their ids.
    async fn application_secrets(&mut self, application_id: &str) -> Result<Vec<StoredApplicationSecret>>;

    /// Deletes a secret. False: there is none of that id.
    async fn delete_application_secret(&mut self, application_id: &str, secret_id: &str) -> Result<bool>;

    /// Deletes every secret of an application, and says how many.
    async fn delete_application_secrets(&mut self, application_id: &str) -> Result<u64>;

    /// Uses a client assertion up, by the digest of its id. False: it was used before.
    async fn use_client_assertion(
        &mut self,
        application_id: &str,
        digest: &[u8; 32],
        forget_at: Timestamp,
    ) -> Result<bool>;

    /// Deletes up to `limit` that may be forgotten, and says how many.
    async fn delete_past_client_assertions(&mut self, now: Timestamp, limit: u32) -> Result<u64>;
}

type Row = (String, String, i64, i64);

fn read((application_id, text, created_at, updated_at): Row) -> Result<Application> {
    let application: Application = body::decode("application", &application_id, &text)?;
    Ok(Application {
        application_id,
        created_at: Timestamp::from_micros(created_at),
        last_updated: Timestamp::from_micros(updated_at),
        ..application
    })
}

fn read_secret(row: (String, String, Vec<u8>, i64)) -> Result<StoredApplicationSecret> {
    let (application_id, secret_id, digest, created_at) = row;
    let digest = <[u8; 32]>::try_from(digest).map_err(|digest| {
        StoreError::corrupt(
            format!("secret {secret_id} of application {application_id}"),
            format!("{} bytes", digest.len()),
        )
    })?;
    Ok(StoredApplicationSecret {
        application_id,
        secret_id,
        digest,
        created_at: Timestamp::from_micros(created_at),
    })
}

fn folded(application: &Application) -> String {
    fold_all([application.application_id.as_str(), &application.name])
}

#[apply(per_backend!)]
#[async_trait]
impl Applications for Conn {
    async fn lock_principal(&mut self, id: &str) -> Result<()> {
        // The number only keeps these locks apart from others.
        if let Some(lock) =
            Self::on_postgres("SELECT pg_advisory_xact_lock(hashtextextended($1, 8097879375002))")
        {
            sqlx::query::<Db>(lock).bind(id).execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn insert_application(&mut self, application: &Application) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_application (application_id, body, folded, created_at, updated_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&application.application_id)
        .bind(body::encode("application", application)?)
        .bind(folded(application))
        .bind(application.created_at.micros())
        .bind(application.last_updated.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_application(&mut self, application: &Application) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_application SET body = $2, folded = $3, updated_at = $4 WHERE application_id = $1",
        )
        .bind(&application.application_id)
        .bind(body::encode("application", application)?)
        .bind(folded(application))
        .bind(application.last_updated.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_application(&mut self, application_id: &str) -> Result<bool> {
        // The application's row first: whoever adds a secret holds it, and the secret is seen by the second statement.
        let done =
            sqlx::query::<Db>("DELETE FROM pc_application WHERE application_id = $1").bind(application_id);
        if done.execute(&mut *self).await?.rows_affected() == 0 {
            return Ok(false);
        }
        self.delete_application_secrets(application_id).await?;
        Ok(true)
    }

    async fn application(&mut self, application_id: &str) -> Result<Option<Application>> {
        let sql = "SELECT application_id, body, created_at, updated_at FROM pc_application WHERE application_id = $1";
        let row = sqlx::query_as::<Db, _>(sql).bind(application_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn application_for_update(&mut self, application_id: &str) -> Result<Option<Application>> {
        let sql = for_update!(
            "SELECT application_id, body, created_at, updated_at FROM pc_application WHERE application_id = $1"
        );
        let row = sqlx::query_as::<Db, _>(sql).bind(application_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn keep_application(&mut self, application_id: &str) -> Result<bool> {
        // Held together with others that do the same, and with updates, but not with a deletion.
        let sql = Self::pick(
            "SELECT application_id FROM pc_application WHERE application_id = $1",
            "SELECT application_id FROM pc_application WHERE application_id = $1 FOR KEY SHARE",
        );
        let found = sqlx::query_scalar::<Db, String>(sql).bind(application_id);
        Ok(found.fetch_optional(&mut *self).await?.is_some())
    }

    async fn application_names(&mut self, application_ids: &[String]) -> Result<Vec<(String, String)>> {
        let sql = Self::pick(
            "SELECT application_id, body ->> '$.name' FROM pc_application \
             WHERE application_id IN (SELECT e.value FROM json_each($1) AS e) ORDER BY application_id",
            "SELECT application_id, body::json ->> 'name' FROM pc_application \
             WHERE application_id = ANY (ARRAY(SELECT e FROM json_array_elements_text($1::json) AS e)) ORDER BY application_id",
        );
        let ids = body::encode("application", application_ids)?;
        Ok(sqlx::query_as::<Db, (String, String)>(sql).bind(ids).fetch_all(&mut *self).await?)
    }

    async fn list_applications(&mut self, page: &Page) -> Result<Vec<Application>> {
        let sql = filtered!(
            "SELECT application_id, body, created_at, updated_at FROM pc_application WHERE application_id >= $1",
            "ORDER BY application_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn insert_application_secret(&mut self, secret: &StoredApplicationSecret) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_application_secret (application_id, secret_id, digest, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&secret.application_id)
        .bind(&secret.secret_id)
        .bind(secret.digest.as_slice())
        .bind(secret.created_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn application_secrets(&mut self, application_id: &str) -> Result<Vec<StoredApplicationSecret>> {
        let rows = sqlx::query_as::<Db, _>(
            "SELECT application_id, secret_id, digest, created_at FROM pc_application_secret \
             WHERE application_id = $1 ORDER BY secret_id",
        );
        rows.bind(application_id).fetch_all(&mut *self).await?.into_iter().map(read_secret).collect()
    }

    async fn delete_application_secret(&mut self, application_id: &str, secret_id: &str) -> Result<bool> {
        let sql = "DELETE FROM pc_application_secret WHERE application_id = $1 AND secret_id = $2";
        let done = sqlx::query::<Db>(sql).bind(application_id).bind(secret_id).execute(&mut *self).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_application_secrets(&mut self, application_id: &str) -> Result<u64> {
        let sql = "DELETE FROM pc_application_secret WHERE application_id = $1";
        Ok(sqlx::query::<Db>(sql).bind(application_id).execute(&mut *self).await?.rows_affected())
    }

    async fn use_client_assertion(
        &mut self,
        application_id: &str,
        digest: &[u8; 32],
        forget_at: Timestamp,
    ) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_client_assertion (application_id, digest, forget_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(application_id)
        .bind(digest.as_slice())
        .bind(forget_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_past_client_assertions(&mut self, now: Timestamp, limit: u32) -> Result<u64> {
        let done = sqlx::query::<Db>(
            "DELETE FROM pc_client_assertion WHERE (application_id, digest) IN \
             (SELECT application_id, digest FROM pc_client_assertion WHERE forget_at <= $1 ORDER BY forget_at LIMIT $2)",
        )
        .bind(now.micros())
        .bind(i64::from(limit))
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected())
    }
}
