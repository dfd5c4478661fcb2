use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{AccessKeyRecord, ServiceClient};
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::{fold_all, tag_texts};
use crate::{Page, Result, body};

/// What became of an access key that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyInsert {
    /// It was added.
    Inserted,
    /// The client has as many keys as it may have.
    Full,
    /// The client has a key of that id.
    Exists,
    /// There is no such client.
    NoClient,
}

/// Service clients and their access keys (tables `pc_client`, `pc_access_key`).
#[async_trait]
pub trait Clients: Send {
    /// Adds a client. False: the id exists.
    async fn insert_client(&mut self, client: &ServiceClient) -> Result<bool>;

    /// The client of that id.
    async fn client(&mut self, client_id: &str) -> Result<Option<ServiceClient>>;

    /// Replaces a client. False: there is none of that id.
    async fn update_client(&mut self, client: &ServiceClient) -> Result<bool>;

    /// Deletes a client and its keys. False: there is none of that id.
    async fn delete_client(&mut self, client_id: &str) -> Result<bool>;

    /// Clients in the order of their ids; the filter looks into id, name and tags.
    async fn list_clients(&mut self, page: &Page) -> Result<Vec<ServiceClient>>;

    /// Adds an access key unless the client has `max`: two callers at once cannot both take the last place.
    async fn insert_access_key(&mut self, key: &AccessKeyRecord, max: usize) -> Result<KeyInsert>;

    /// A client's access key.
    async fn access_key(&mut self, client_id: &str, key_id: &str) -> Result<Option<AccessKeyRecord>>;

    /// A client's access keys, in the order of their ids.
    async fn access_keys(&mut self, client_id: &str) -> Result<Vec<AccessKeyRecord>>;

    /// Deletes an access key. False: there is none of that id.
    async fn delete_access_key(&mut self, client_id: &str, key_id: &str) -> Result<bool>;
}

fn folded(client: &ServiceClient) -> String {
    let own = [client.client_id.as_str(), client.name.as_deref().unwrap_or_default()];
    let tags = tag_texts(client.tags.as_ref());
    fold_all(own.into_iter().chain(tags))
}

fn read((client_id, text, created_at): (String, String, i64)) -> Result<ServiceClient> {
    let client = body::decode("service client", &client_id, &text)?;
    Ok(ServiceClient { client_id, created_at: Timestamp::from_micros(created_at), ..client })
}

fn read_key(row: (String, String, String, i64)) -> AccessKeyRecord {
    let (client_id, key_id, public_key, created_at) = row;
    AccessKeyRecord { client_id, key_id, public_key, created_at: Timestamp::from_micros(created_at) }
}

#[apply(per_backend!)]
#[async_trait]
impl Clients for Conn {
    async fn insert_client(&mut self, client: &ServiceClient) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_client (client_id, body, folded, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&client.client_id)
        .bind(body::encode("service client", client)?)
        .bind(folded(client))
        .bind(client.created_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn client(&mut self, client_id: &str) -> Result<Option<ServiceClient>> {
        sqlx::query_as::<Db, _>("SELECT client_id, body, created_at FROM pc_client WHERE client_id = $1")
            .bind(client_id)
            .fetch_optional(&mut *self)
            .await?
            .map(read)
            .transpose()
    }

    async fn update_client(&mut self, client: &ServiceClient) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_client SET body = $2, folded = $3, created_at = $4 WHERE client_id = $1",
        )
        .bind(&client.client_id)
        .bind(body::encode("service client", client)?)
        .bind(folded(client))
        .bind(client.created_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_client(&mut self, client_id: &str) -> Result<bool> {
        // The client's row first: whoever adds a key holds it, and its key is seen by the second statement.
        let done = sqlx::query::<Db>("DELETE FROM pc_client WHERE client_id = $1").bind(client_id);
        if done.execute(&mut *self).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let keys = sqlx::query::<Db>("DELETE FROM pc_access_key WHERE client_id = $1").bind(client_id);
        keys.execute(&mut *self).await?;
        Ok(true)
    }

    async fn list_clients(&mut self, page: &Page) -> Result<Vec<ServiceClient>> {
        let sql = filtered!(
            "SELECT client_id, body, created_at FROM pc_client WHERE client_id >= $1",
            "ORDER BY client_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn insert_access_key(&mut self, key: &AccessKeyRecord, max: usize) -> Result<KeyInsert> {
        // The client's row is held until the end of the transaction, so that nobody else counts its keys meanwhile.
        let sql = for_update!("SELECT client_id FROM pc_client WHERE client_id = $1");
        let client = sqlx::query_scalar::<Db, String>(sql).bind(&key.client_id);
        if client.fetch_optional(&mut *self).await?.is_none() {
            return Ok(KeyInsert::NoClient);
        }
        let sql = "SELECT key_id FROM pc_access_key WHERE client_id = $1";
        let held: Vec<String> =
            sqlx::query_scalar::<Db, _>(sql).bind(&key.client_id).fetch_all(&mut *self).await?;
        if held.contains(&key.key_id) {
            return Ok(KeyInsert::Exists);
        }
        if held.len() >= max {
            return Ok(KeyInsert::Full);
        }
        sqlx::query::<Db>(
            "INSERT INTO pc_access_key (client_id, key_id, public_key, created_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(&key.client_id)
        .bind(&key.key_id)
        .bind(&key.public_key)
        .bind(key.created_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(KeyInsert::Inserted)
    }

    async fn access_key(&mut self, client_id: &str, key_id: &str) -> Result<Option<AccessKeyRecord>> {
        let row = sqlx::query_as::<Db, _>(
            "SELECT client_id, key_id, public_key, created_at FROM pc_access_key WHERE client_id = $1 AND key_id = $2",
        )
        .bind(client_id)
        .bind(key_id)
        .fetch_optional(&mut *self)
        .await?;
        Ok(row.map(read_key))
    }

    async fn access_keys(&mut self, client_id: &str) -> Result<Vec<AccessKeyRecord>> {
        let rows = sqlx::query_as::<Db, _>(
            "SELECT client_id, key_id, public_key, created_at FROM pc_access_key WHERE client_id = $1 ORDER BY key_id",
        )
        .bind(client_id)
        .fetch_all(&mut *self)
        .await?;
        Ok(rows.into_iter().map(read_key).collect())
    }

    async fn delete_access_key(&mut self, client_id: &str, key_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_access_key WHERE client_id = $1 AND key_id = $2");
        Ok(done.bind(client_id).bind(key_id).execute(&mut *self).await?.rows_affected() > 0)
    }
}
