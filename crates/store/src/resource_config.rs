use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::ResourceConfig;
use portcullis_types::authress::ResourceAction;

use crate::dialect::{filtered, per_backend};
use crate::page::{fold, start};
use crate::{Page, Result, body};

/// Configurations of resources (table `pc_resource_config`).
#[async_trait]
pub trait ResourceConfigs: Send {
    /// Sets a resource's configuration.
    async fn put_resource_config(&mut self, config: &ResourceConfig) -> Result<()>;

    /// The configuration of exactly `uri` (a normal form).
    async fn resource_config(&mut self, uri: &str) -> Result<Option<ResourceConfig>>;

    /// Configurations in the order of their URIs; the filter looks into the URI.
    async fn list_resource_configs(&mut self, page: &Page) -> Result<Vec<ResourceConfig>>;

    /// The URIs whose configuration makes them public, sorted.
    async fn public_resources(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<String>>;
}

fn read((resource, text): (String, String)) -> Result<ResourceConfig> {
    let config = body::decode("resource configuration", &resource, &text)?;
    Ok(ResourceConfig { resource, ..config })
}

#[apply(per_backend!)]
#[async_trait]
impl ResourceConfigs for Conn {
    async fn put_resource_config(&mut self, config: &ResourceConfig) -> Result<()> {
        sqlx::query::<Db>(
            "INSERT INTO pc_resource_config (uri, claim_allow, public_allow, body, folded) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (uri) DO UPDATE SET claim_allow = excluded.claim_allow, \
             public_allow = excluded.public_allow, body = excluded.body, folded = excluded.folded",
        )
        .bind(&config.resource)
        .bind(i64::from(config.allows(ResourceAction::Claim)))
        .bind(i64::from(config.allows(ResourceAction::Public)))
        .bind(body::encode("resource configuration", config)?)
        .bind(fold(&config.resource))
        .execute(&mut *self)
        .await?;
        Ok(())
    }

    async fn resource_config(&mut self, uri: &str) -> Result<Option<ResourceConfig>> {
        let row =
            sqlx::query_as::<Db, _>("SELECT uri, body FROM pc_resource_config WHERE uri = $1").bind(uri);
        row.fetch_optional(&mut *self).await?.map(read).transpose()
    }

    async fn list_resource_configs(&mut self, page: &Page) -> Result<Vec<ResourceConfig>> {
        let sql =
            filtered!("SELECT uri, body FROM pc_resource_config WHERE uri >= $1", "ORDER BY uri LIMIT $3");
        let rows = sqlx::query_as::<Db, _>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn public_resources(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<String>> {
        let uris = sqlx::query_scalar::<Db, String>(
            "SELECT uri FROM pc_resource_config WHERE public_allow = 1 AND uri >= $1 ORDER BY uri LIMIT $2",
        )
        .bind(start(after))
        .bind(i64::from(limit));
        Ok(uris.fetch_all(&mut *self).await?)
    }
}
