use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{StoredMember, StoredOrganization};
use portcullis_types::Timestamp;
use portcullis_types::organization::OrganizationStatus;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::{fold_all, tag_texts};
use crate::{Page, Result, StoreError, body};

/// Organizations and who belongs to them (tables `pc_organization`, `pc_member`).
#[async_trait]
pub trait Organizations: Send {
    /// Adds an organization. False: the id exists.
    async fn insert_organization(&mut self, organization: &StoredOrganization) -> Result<bool>;

    /// Replaces an organization. False: there is none of that id.
    async fn update_organization(&mut self, organization: &StoredOrganization) -> Result<bool>;

    /// Deletes an organization with its members, tenants, subscriptions, seats and usage. Access records stay: whoever calls
    /// has deleted those of the members. False: there is none of that id.
    async fn delete_organization(&mut self, organization_id: &str) -> Result<bool>;

    /// The organization of that id.
    async fn organization(&mut self, organization_id: &str) -> Result<Option<StoredOrganization>>;

    /// The organization of that id, which nobody else changes before this transaction ends.
    async fn organization_for_update(&mut self, organization_id: &str) -> Result<Option<StoredOrganization>>;

    /// Organizations in the order of their ids; the filter looks into id, name and tags.
    async fn list_organizations(&mut self, page: &Page) -> Result<Vec<StoredOrganization>>;

    /// The organizations that a user belongs to; as [`Organizations::list_organizations`].
    async fn organizations_of(&mut self, user_id: &str, page: &Page) -> Result<Vec<StoredOrganization>>;

    /// Adds a member. False: the user is one.
    async fn insert_member(&mut self, member: &StoredMember) -> Result<bool>;

    /// Takes a member out, and the member's seats. False: the user is none.
    async fn delete_member(&mut self, organization_id: &str, user_id: &str) -> Result<bool>;

    /// The member of that id.
    async fn member(&mut self, organization_id: &str, user_id: &str) -> Result<Option<StoredMember>>;

    /// Members in the order of their ids; the filter looks into the id.
    async fn list_members(&mut self, organization_id: &str, page: &Page) -> Result<Vec<StoredMember>>;

    /// Members to whom a live access record gives a role on exactly this resource, sorted; at most `limit`.
    async fn members_with_role(
        &mut self,
        organization_id: &str,
        uri: &str,
        role_id: &str,
        limit: u32,
    ) -> Result<Vec<String>>;
}

pub(crate) fn status_code(status: OrganizationStatus) -> &'static str {
    match status {
        OrganizationStatus::Active => "active",
        OrganizationStatus::Suspended => "suspended",
    }
}

pub(crate) fn read_status(what: &str, id: &str, code: &str) -> Result<OrganizationStatus> {
    match code {
        "active" => Ok(OrganizationStatus::Active),
        "suspended" => Ok(OrganizationStatus::Suspended),
        other => Err(StoreError::corrupt(format!("{what} {id}"), format!("its status is {other:?}"))),
    }
}

fn folded(organization: &StoredOrganization) -> String {
    let tags = tag_texts(organization.tags.as_ref());
    fold_all([organization.organization_id.as_str(), &organization.name].into_iter().chain(tags))
}

type Row = (String, String, String, i64, i64);

fn read((organization_id, status, text, created_at, updated_at): Row) -> Result<StoredOrganization> {
    let organization = body::decode("organization", &organization_id, &text)?;
    Ok(StoredOrganization {
        status: read_status("organization", &organization_id, &status)?,
        organization_id,
        created_at: Timestamp::from_micros(created_at),
        updated_at: Timestamp::from_micros(updated_at),
        ..organization
    })
}

fn read_member((organization_id, user_id, joined_at): (String, String, i64)) -> StoredMember {
    StoredMember { organization_id, user_id, joined_at: Timestamp::from_micros(joined_at) }
}

#[apply(per_backend!)]
#[async_trait]
impl Organizations for Conn {
    async fn insert_organization(&mut self, organization: &StoredOrganization) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_organization (organization_id, status, body, folded, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        )
        .bind(&organization.organization_id)
        .bind(status_code(organization.status))
        .bind(body::encode("organization", organization)?)
        .bind(folded(organization))
        .bind(organization.created_at.micros())
        .bind(organization.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn update_organization(&mut self, organization: &StoredOrganization) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_organization SET status = $2, body = $3, folded = $4, updated_at = $5 WHERE organization_id = $1",
        )
        .bind(&organization.organization_id)
        .bind(status_code(organization.status))
        .bind(body::encode("organization", organization)?)
        .bind(folded(organization))
        .bind(organization.updated_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_organization(&mut self, organization_id: &str) -> Result<bool> {
        let done =
            sqlx::query::<Db>("DELETE FROM pc_organization WHERE organization_id = $1").bind(organization_id);
        if done.execute(&mut *self).await?.rows_affected() == 0 {
            return Ok(false);
        }
        for sql in [
            "DELETE FROM pc_usage WHERE subscription_id IN \
             (SELECT subscription_id FROM pc_subscription WHERE organization_id = $1)",
            "DELETE FROM pc_seat WHERE subscription_id IN \
             (SELECT subscription_id FROM pc_subscription WHERE organization_id = $1)",
            "DELETE FROM pc_subscription WHERE organization_id = $1",
            "DELETE FROM pc_tenant WHERE organization_id = $1",
            "DELETE FROM pc_member WHERE organization_id = $1",
            "DELETE FROM pc_usage_event WHERE organization_id = $1",
        ] {
            sqlx::query::<Db>(sql).bind(organization_id).execute(&mut *self).await?;
        }
        Ok(true)
    }

    async fn organization(&mut self, organization_id: &str) -> Result<Option<StoredOrganization>> {
        let sql = "SELECT organization_id, status, body, created_at, updated_at FROM pc_organization WHERE organization_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(organization_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn organization_for_update(&mut self, organization_id: &str) -> Result<Option<StoredOrganization>> {
        let sql = for_update!(
            "SELECT organization_id, status, body, created_at, updated_at FROM pc_organization WHERE organization_id = $1"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(organization_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_organizations(&mut self, page: &Page) -> Result<Vec<StoredOrganization>> {
        let sql = filtered!(
            "SELECT organization_id, status, body, created_at, updated_at FROM pc_organization WHERE organization_id >= $1",
            "ORDER BY organization_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn organizations_of(&mut self, user_id: &str, page: &Page) -> Result<Vec<StoredOrganization>> {
        // Of both tables' searchable texts the organization's is meant.
        let sql = filtered!(
            "SELECT o.organization_id, o.status, o.body, o.created_at, o.updated_at FROM \
             (SELECT organization_id, user_id FROM pc_member) m \
             JOIN pc_organization o ON o.organization_id = m.organization_id \
             WHERE m.user_id = $4 AND m.organization_id >= $1",
            "ORDER BY m.organization_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        rows.bind(user_id).fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn insert_member(&mut self, member: &StoredMember) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_member (organization_id, user_id, folded, joined_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&member.organization_id)
        .bind(&member.user_id)
        .bind(fold_all([member.user_id.as_str()]))
        .bind(member.joined_at.micros())
        .execute(&mut *self)
        .await?;
        Ok(done.rows_affected() > 0)
    }

    async fn delete_member(&mut self, organization_id: &str, user_id: &str) -> Result<bool> {
        let done = sqlx::query::<Db>("DELETE FROM pc_member WHERE organization_id = $1 AND user_id = $2");
        let done = done.bind(organization_id).bind(user_id).execute(&mut *self).await?;
        let seats = "DELETE FROM pc_seat WHERE user_id = $2 AND subscription_id IN \
                     (SELECT subscription_id FROM pc_subscription WHERE organization_id = $1)";
        sqlx::query::<Db>(seats).bind(organization_id).bind(user_id).execute(&mut *self).await?;
        Ok(done.rows_affected() > 0)
    }

    async fn member(&mut self, organization_id: &str, user_id: &str) -> Result<Option<StoredMember>> {
        let sql = "SELECT organization_id, user_id, joined_at FROM pc_member WHERE organization_id = $1 AND user_id = $2";
        let row = sqlx::query_as::<Db, (String, String, i64)>(sql).bind(organization_id).bind(user_id);
        Ok(row.fetch_optional(&mut *self).await?.map(read_member))
    }

    async fn list_members(&mut self, organization_id: &str, page: &Page) -> Result<Vec<StoredMember>> {
        let sql = filtered!(
            "SELECT organization_id, user_id, joined_at FROM pc_member WHERE organization_id = $4 AND user_id >= $1",
            "ORDER BY user_id LIMIT $3"
        );
        let rows = sqlx::query_as::<Db, (String, String, i64)>(sql).bind(page.start()).bind(page.needle());
        let rows = rows.bind(page.limit()).bind(organization_id).fetch_all(&mut *self).await?;
        Ok(rows.into_iter().map(read_member).collect())
    }

    async fn members_with_role(
        &mut self,
        organization_id: &str,
        uri: &str,
        role_id: &str,
        limit: u32,
    ) -> Result<Vec<String>> {
        let sql = "SELECT DISTINCT m.user_id FROM pc_grant_resource r \
             JOIN pc_grant_role o ON o.record_id = r.record_id AND o.statement = r.statement AND o.role_id = $3 \
             JOIN pc_grant_principal p ON p.record_id = r.record_id AND p.statement = r.statement \
             JOIN pc_member m ON m.organization_id = $1 AND m.user_id = p.principal \
             WHERE r.uri = $2 AND p.kind = 'u' AND p.live = 1 ORDER BY m.user_id LIMIT $4";
        let rows = sqlx::query_scalar::<Db, String>(sql).bind(organization_id).bind(uri).bind(role_id);
        Ok(rows.bind(i64::from(limit)).fetch_all(&mut *self).await?)
    }
}
