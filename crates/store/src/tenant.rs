use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::StoredTenant;
use portcullis_types::Timestamp;

use crate::dialect::{filtered, for_update, per_backend};
use crate::organization::{read_status, status_code};
use crate::page::fold_all;
use crate::{Page, Result, body};

/// Organizations' tenants (table `pc_tenant`).
#[async_trait]
pub trait Tenants: Send {
    /// Adds a tenant. False: the id exists, in this organization or another.
    async fn insert_tenant(&mut self, tenant: &StoredTenant) -> Result<bool>;

    /// Replaces a tenant. False: there is none of that id in that organization.
    async fn update_tenant(&mut self, tenant: &StoredTenant) -> Result<bool>;

    /// Deletes a tenant. False: there is none of that id in that organization.
    async fn delete_tenant(&mut self, organization_id: &str, tenant_id: &str) -> Result<bool>;

    /// The tenant of that id, whosever it is.
    async fn tenant(&mut self, tenant_id: &str) -> Result<Option<StoredTenant>>;

    /// The tenant of that id, which nobody else changes before this transaction ends.
    async fn tenant_for_update(&mut self, tenant_id: &str) -> Result<Option<StoredTenant>>;

    /// An organization's tenants in the order of their ids; the filter looks into id, name and region.
    async fn list_tenants(&mut self, organization_id: &str, page: &Page) -> Result<Vec<StoredTenant>>;

    /// The tenants of every organization that a user belongs to, by organization and id.
    async fn tenants_of_member(&mut self, user_id: &str) -> Result<Vec<StoredTenant>>;
}

fn folded(tenant: &StoredTenant) -> String {
    fold_all([tenant.tenant_id.as_str(), &tenant.name, tenant.region.as_deref().unwrap_or_default()])
}

type Row = (String, String, String, String, i64, i64);

fn read((tenant_id, organization_id, status, text, created_at, updated_at): Row) -> Result<StoredTenant> {
    let tenant = body::decode("tenant", &tenant_id, &text)?;
    Ok(StoredTenant {
        status: read_status("tenant", &tenant_id, &status)?,
        tenant_id,
        organization_id,
        created_at: Timestamp::from_micros(created_at),
        updated_at: Timestamp::from_micros(updated_at),
        ..tenant
    })
}

#[apply(per_backend!)]
#[async_trait]
impl Tenants for Conn {
    async fn insert_tenant(&mut self, tenant: &StoredTenant) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_tenant (tenant_id, organization_id, status, body, folded, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(&tenant.tenant_id)
        .bind(&tenant.organization_id)
        .bind(status_code(tenant.status))
        .bind(body::encode("tenant", tenant)?)
        .bind(folded(tenant))
        .bind(tenant.created_at.micros())
        .bind(tenant.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_tenant(&mut self, tenant: &StoredTenant) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_tenant SET status = $3, body = $4, folded = $5, updated_at = $6 \
             WHERE tenant_id = $1 AND organization_id = $2",
        )
        .bind(&tenant.tenant_id)
        .bind(&tenant.organization_id)
        .bind(status_code(tenant.status))
        .bind(body::encode("tenant", tenant)?)
        .bind(folded(tenant))
        .bind(tenant.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_tenant(&mut self, organization_id: &str, tenant_id: &str) -> Result<bool> {
        let sql = "DELETE FROM pc_tenant WHERE tenant_id = $1 AND organization_id = $2";
        let done = sqlx::query::<Db>(sql).bind(tenant_id).bind(organization_id).execute(&mut *self).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn tenant(&mut self, tenant_id: &str) -> Result<Option<StoredTenant>> {
        let sql = "SELECT tenant_id, organization_id, status, body, created_at, updated_at FROM pc_tenant WHERE tenant_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(tenant_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn tenant_for_update(&mut self, tenant_id: &str) -> Result<Option<StoredTenant>> {
        let sql = for_update!(
            "SELECT tenant_id, organization_id, status, body, created_at, updated_at FROM pc_tenant WHERE tenant_id = $1"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(tenant_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_tenants(&mut self, organization_id: &str, page: &Page) -> Result<Vec<StoredTenant>> {
        let sql = filtered!(
            "SELECT tenant_id, organization_id, status, body, created_at, updated_at FROM pc_tenant \
             WHERE organization_id = $4 AND tenant_id >= $1",
            "ORDER BY tenant_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.bind(organization_id).fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn tenants_of_member(&mut self, user_id: &str) -> Result<Vec<StoredTenant>> {
        let sql = "SELECT t.tenant_id, t.organization_id, t.status, t.body, t.created_at, t.updated_at FROM pc_member m \
             JOIN pc_tenant t ON t.organization_id = m.organization_id WHERE m.user_id = $1 \
             ORDER BY t.organization_id, t.tenant_id";
        let rows = sqlx::query_as::<Db, Row>(sql).bind(user_id);
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }
}
