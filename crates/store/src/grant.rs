use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{Principal, PrincipalKind};

use crate::dialect::per_backend;
use crate::page::start;
use crate::record_rows::kind_code;
use crate::{Result, StoreError, body};

/// A resource of a statement that is for a principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantResource {
    /// The record.
    pub record_id: String,
    /// Which statement of it, from 0.
    pub statement: u32,
    /// The resource's normal form; may hold `*`.
    pub uri: String,
    /// Whether the record is active.
    pub live: bool,
}

/// A role of a statement that is for a principal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantRole {
    /// The record.
    pub record_id: String,
    /// Which statement of it, from 0.
    pub statement: u32,
    /// The role.
    pub role_id: String,
}

/// Everything that is granted to one principal, itself: not through its groups. A sum of rows: within one statement every
/// role is on every resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrincipalGrants {
    /// In the order of record, statement, URI.
    pub resources: Vec<GrantResource>,
    /// In the order of record, statement, role; of the same statements as `resources`.
    pub roles: Vec<GrantRole>,
}

/// A statement that names a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatementOn {
    /// The record.
    pub record_id: String,
    /// Which statement of it, from 0.
    pub statement: u32,
    /// The resource's normal form.
    pub uri: String,
    /// Whether the record is active.
    pub live: bool,
}

/// Reads what records grant (tables `pc_grant_*`). URIs are compared as texts, in their normal form: nothing here knows
/// what a `*` reaches. A statement is *live* while its record is active.
#[async_trait]
pub trait Grants: Send {
    /// Everything granted to one principal; with `include_deleted` also what deleted records granted.
    async fn principal_grants(
        &mut self,
        kind: PrincipalKind,
        principal: &str,
        include_deleted: bool,
    ) -> Result<PrincipalGrants>;

    /// The users with live access to exactly `uri`, their own or as a group's members: sorted, without duplicates.
    async fn users_of_resource(&mut self, uri: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>>;

    /// The roles of a user, their own or through groups, on exactly `uri`: one entry a granting statement, sorted by
    /// role, then by statement.
    async fn roles_on(&mut self, user_id: &str, uri: &str) -> Result<Vec<String>>;

    /// Whether any principal (be it a group without members) has live access to exactly `uri`.
    async fn has_explicit_access(&mut self, uri: &str) -> Result<bool>;

    /// The URIs of live statements with this role: sorted, without duplicates.
    async fn resources_of_role(
        &mut self,
        role_id: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>>;

    /// The URIs of live statements that are for this group: sorted, without duplicates.
    async fn resources_of_group(
        &mut self,
        group_id: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>>;

    /// The roles of live statements that are for this group: sorted, without duplicates.
    async fn roles_of_group(&mut self, group_id: &str) -> Result<Vec<String>>;

    /// The statements, live or not, that name exactly `uri`, by record and statement.
    async fn statements_on(&mut self, uri: &str, limit: u32) -> Result<Vec<StatementOn>>;

    /// The roles of a statement, sorted.
    async fn statement_roles(&mut self, record_id: &str, statement: u32) -> Result<Vec<String>>;

    /// The first principals of a statement: groups, then users, each sorted.
    async fn statement_principals(
        &mut self,
        record_id: &str,
        statement: u32,
        limit: u32,
    ) -> Result<Vec<Principal>>;
}

fn read_resource(row: (String, i64, String, i64)) -> Result<GrantResource> {
    let (record_id, statement, uri, live) = row;
    let statement = body::statement(&record_id, statement)?;
    Ok(GrantResource { record_id, statement, uri, live: live != 0 })
}

fn read_role((record_id, statement, role_id): (String, i64, String)) -> Result<GrantRole> {
    let statement = body::statement(&record_id, statement)?;
    Ok(GrantRole { record_id, statement, role_id })
}

fn read_statement(row: (String, i64, String, i64)) -> Result<StatementOn> {
    let GrantResource { record_id, statement, uri, live } = read_resource(row)?;
    Ok(StatementOn { record_id, statement, uri, live })
}

fn read_principal((kind, id): (String, String)) -> Result<Principal> {
    let kind = match kind.as_str() {
        "u" => PrincipalKind::User,
        "g" => PrincipalKind::Group,
        other => {
            return Err(StoreError::corrupt(format!("principal {id}"), format!("its kind is {other:?}")));
        }
    };
    Ok(Principal { kind, id })
}

#[apply(per_backend!)]
#[async_trait]
impl Grants for Conn {
    async fn principal_grants(
        &mut self,
        kind: PrincipalKind,
        principal: &str,
        include_deleted: bool,
    ) -> Result<PrincipalGrants> {
        let least = i64::from(!include_deleted);
        let resources = sqlx::query_as::<Db, _>(
            "SELECT p.record_id, p.statement, r.uri, p.live FROM pc_grant_principal p \
             JOIN pc_grant_resource r ON r.record_id = p.record_id AND r.statement = p.statement \
             WHERE p.kind = $1 AND p.principal = $2 AND p.live >= $3 ORDER BY p.record_id, p.statement, r.uri",
        )
        .bind(kind_code(kind))
        .bind(principal)
        .bind(least)
        .fetch_all(&mut *self)
        .await?;
        let roles = sqlx::query_as::<Db, _>(
            "SELECT p.record_id, p.statement, o.role_id FROM pc_grant_principal p \
             JOIN pc_grant_role o ON o.record_id = p.record_id AND o.statement = p.statement \
             WHERE p.kind = $1 AND p.principal = $2 AND p.live >= $3 ORDER BY p.record_id, p.statement, o.role_id",
        )
        .bind(kind_code(kind))
        .bind(principal)
        .bind(least)
        .fetch_all(&mut *self)
        .await?;
        Ok(PrincipalGrants {
            resources: resources.into_iter().map(read_resource).collect::<Result<_>>()?,
            roles: roles.into_iter().map(read_role).collect::<Result<_>>()?,
        })
    }

    async fn users_of_resource(&mut self, uri: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>> {
        // CROSS JOIN keeps SQLite to this order (PostgreSQL chooses by its statistics): left alone, it may begin
        // with every principal after `$2`.
        let users = sqlx::query_scalar::<Db, String>(
            "SELECT user_id FROM ( \
             SELECT p.principal AS user_id FROM pc_grant_resource r CROSS JOIN pc_grant_principal p \
             WHERE r.uri = $1 AND p.record_id = r.record_id AND p.statement = r.statement \
             AND p.kind = 'u' AND p.live = 1 AND p.principal >= $2 \
             UNION \
             SELECT m.user_id FROM pc_grant_resource r CROSS JOIN pc_grant_principal p CROSS JOIN pc_group_user m \
             WHERE r.uri = $1 AND p.record_id = r.record_id AND p.statement = r.statement \
             AND p.kind = 'g' AND p.live = 1 AND m.group_id = p.principal AND m.user_id >= $2 \
             ) AS users ORDER BY user_id LIMIT $3",
        )
        .bind(uri)
        .bind(start(after))
        .bind(i64::from(limit));
        Ok(users.fetch_all(&mut *self).await?)
    }

    async fn roles_on(&mut self, user_id: &str, uri: &str) -> Result<Vec<String>> {
        let roles = sqlx::query_scalar::<Db, String>(
            "SELECT o.role_id FROM pc_grant_resource r \
             JOIN pc_grant_role o ON o.record_id = r.record_id AND o.statement = r.statement \
             WHERE r.uri = $2 AND (EXISTS (SELECT 1 FROM pc_grant_principal p WHERE p.kind = 'u' AND p.principal = $1 \
             AND p.record_id = r.record_id AND p.statement = r.statement AND p.live = 1) \
             OR EXISTS (SELECT 1 FROM pc_group_user m CROSS JOIN pc_grant_principal p WHERE m.user_id = $1 \
             AND p.kind = 'g' AND p.principal = m.group_id AND p.record_id = r.record_id \
             AND p.statement = r.statement AND p.live = 1)) ORDER BY o.role_id, o.record_id, o.statement",
        )
        .bind(user_id)
        .bind(uri);
        Ok(roles.fetch_all(&mut *self).await?)
    }

    async fn has_explicit_access(&mut self, uri: &str) -> Result<bool> {
        let found = sqlx::query_scalar::<Db, String>(
            "SELECT p.principal FROM pc_grant_resource r \
             JOIN pc_grant_principal p ON p.record_id = r.record_id AND p.statement = r.statement \
             WHERE r.uri = $1 AND p.live = 1 LIMIT 1",
        )
        .bind(uri);
        Ok(found.fetch_optional(&mut *self).await?.is_some())
    }

    async fn resources_of_role(
        &mut self,
        role_id: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>> {
        let uris = sqlx::query_scalar::<Db, String>(
            "SELECT DISTINCT r.uri FROM pc_grant_role o JOIN pc_record c ON c.record_id = o.record_id \
             JOIN pc_grant_resource r ON r.record_id = o.record_id AND r.statement = o.statement \
             WHERE o.role_id = $1 AND c.status = 'ACTIVE' AND r.uri >= $2 ORDER BY r.uri LIMIT $3",
        )
        .bind(role_id)
        .bind(start(after))
        .bind(i64::from(limit));
        Ok(uris.fetch_all(&mut *self).await?)
    }

    async fn resources_of_group(
        &mut self,
        group_id: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>> {
        let uris = sqlx::query_scalar::<Db, String>(
            "SELECT DISTINCT r.uri FROM pc_grant_principal p \
             JOIN pc_grant_resource r ON r.record_id = p.record_id AND r.statement = p.statement \
             WHERE p.kind = 'g' AND p.principal = $1 AND p.live = 1 AND r.uri >= $2 ORDER BY r.uri LIMIT $3",
        )
        .bind(group_id)
        .bind(start(after))
        .bind(i64::from(limit));
        Ok(uris.fetch_all(&mut *self).await?)
    }

    async fn roles_of_group(&mut self, group_id: &str) -> Result<Vec<String>> {
        let roles = sqlx::query_scalar::<Db, String>(
            "SELECT DISTINCT o.role_id FROM pc_grant_principal p \
             JOIN pc_grant_role o ON o.record_id = p.record_id AND o.statement = p.statement \
             WHERE p.kind = 'g' AND p.principal = $1 AND p.live = 1 ORDER BY o.role_id",
        )
        .bind(group_id);
        Ok(roles.fetch_all(&mut *self).await?)
    }

    async fn statements_on(&mut self, uri: &str, limit: u32) -> Result<Vec<StatementOn>> {
        sqlx::query_as::<Db, _>(
            "SELECT r.record_id, r.statement, r.uri, CAST(CASE c.status WHEN 'ACTIVE' THEN 1 ELSE 0 END AS BIGINT) \
             FROM pc_grant_resource r JOIN pc_record c ON c.record_id = r.record_id \
             WHERE r.uri = $1 ORDER BY r.record_id, r.statement LIMIT $2",
        )
        .bind(uri)
        .bind(i64::from(limit))
        .fetch_all(&mut *self)
        .await?
        .into_iter()
        .map(read_statement)
        .collect()
    }

    async fn statement_roles(&mut self, record_id: &str, statement: u32) -> Result<Vec<String>> {
        let sql =
            "SELECT role_id FROM pc_grant_role WHERE record_id = $1 AND statement = $2 ORDER BY role_id";
        let roles = sqlx::query_scalar::<Db, String>(sql).bind(record_id).bind(i64::from(statement));
        Ok(roles.fetch_all(&mut *self).await?)
    }

    async fn statement_principals(
        &mut self,
        record_id: &str,
        statement: u32,
        limit: u32,
    ) -> Result<Vec<Principal>> {
        sqlx::query_as::<Db, _>(
            "SELECT kind, principal FROM pc_grant_principal WHERE record_id = $1 AND statement = $2 \
             ORDER BY kind, principal LIMIT $3",
        )
        .bind(record_id)
        .bind(i64::from(statement))
        .bind(i64::from(limit))
        .fetch_all(&mut *self)
        .await?
        .into_iter()
        .map(read_principal)
        .collect()
    }
}
