//! What a record compiles to, as rows.

use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::{PrincipalKind, Record, principal_id};
use portcullis_types::authress::RecordStatus;

use crate::dialect::{Dialect, per_backend};
use crate::{Result, body};

/// The code of a principal's kind in `pc_grant_principal`.
pub(crate) fn kind_code(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::User => "u",
        PrincipalKind::Group => "g",
    }
}

/// The rows beside a record's own. The record's own row is written first, so that two writers of one record wait there.
#[async_trait]
pub(crate) trait RecordRows: Send {
    /// Replaces the record's rows: a statement a table, however many rows there are.
    async fn rewrite_rows(&mut self, record: &Record) -> Result<()>;

    /// Makes the record's rows grant nothing.
    async fn end_rows(&mut self, record_id: &str) -> Result<()>;
}

/// Rows as JSON arrays of `[statement, text]`, or `[statement, text, kind]` for principals.
struct Sets {
    principals: String,
    resources: String,
    roles: String,
    admins: String,
}

impl Sets {
    fn of(record: &Record) -> Result<Self> {
        let compiled = record.compile();
        let (mut principals, mut resources, mut roles) = (Vec::new(), Vec::new(), Vec::new());
        for set in &compiled {
            let of = set.statement;
            principals.extend(set.principals.iter().map(|p| (of, p.id.as_str(), kind_code(p.kind))));
            resources.extend(set.resources.iter().map(|uri| (of, uri.as_str())));
            roles.extend(set.roles.iter().map(|role| (of, role.as_str())));
        }
        let mut admins: Vec<_> = record.admins.iter().map(|admin| principal_id(&admin.user_id)).collect();
        admins.sort_unstable();
        admins.dedup();
        Ok(Self {
            principals: body::encode("record", &principals)?,
            resources: body::encode("record", &resources)?,
            roles: body::encode("record", &roles)?,
            admins: body::encode("record", &admins)?,
        })
    }
}

#[apply(per_backend!)]
#[async_trait]
impl RecordRows for Conn {
    async fn rewrite_rows(&mut self, record: &Record) -> Result<()> {
        for sql in [
            "DELETE FROM pc_grant_principal WHERE record_id = $1",
            "DELETE FROM pc_grant_resource WHERE record_id = $1",
            "DELETE FROM pc_grant_role WHERE record_id = $1",
            "DELETE FROM pc_record_admin WHERE record_id = $1",
        ] {
            sqlx::query::<Db>(sql).bind(&record.record_id).execute(&mut *self).await?;
        }
        let sets = Sets::of(record)?;
        let sql = Self::pick(
            "INSERT INTO pc_grant_principal (record_id, statement, principal, kind, live) \
             SELECT $1, e.value ->> 0, e.value ->> 1, e.value ->> 2, $3 FROM json_each($2) AS e",
            "INSERT INTO pc_grant_principal (record_id, statement, principal, kind, live) \
             SELECT $1::text, (e ->> 0)::bigint, e ->> 1, e ->> 2, $3::bigint FROM json_array_elements($2::json) AS e",
        );
        let live = i64::from(record.status == RecordStatus::Active);
        let insert = sqlx::query::<Db>(sql).bind(&record.record_id).bind(sets.principals).bind(live);
        insert.execute(&mut *self).await?;
        let resources = Self::pick(
            "INSERT INTO pc_grant_resource (record_id, statement, uri) \
             SELECT $1, e.value ->> 0, e.value ->> 1 FROM json_each($2) AS e",
            "INSERT INTO pc_grant_resource (record_id, statement, uri) \
             SELECT $1::text, (e ->> 0)::bigint, e ->> 1 FROM json_array_elements($2::json) AS e",
        );
        let roles = Self::pick(
            "INSERT INTO pc_grant_role (record_id, statement, role_id) \
             SELECT $1, e.value ->> 0, e.value ->> 1 FROM json_each($2) AS e",
            "INSERT INTO pc_grant_role (record_id, statement, role_id) \
             SELECT $1::text, (e ->> 0)::bigint, e ->> 1 FROM json_array_elements($2::json) AS e",
        );
        let admins = Self::pick(
            "INSERT INTO pc_record_admin (record_id, user_id) SELECT $1, e.value FROM json_each($2) AS e",
            "INSERT INTO pc_record_admin (record_id, user_id) \
             SELECT $1::text, e FROM json_array_elements_text($2::json) AS e",
        );
        for (sql, rows) in [(resources, sets.resources), (roles, sets.roles), (admins, sets.admins)] {
            sqlx::query::<Db>(sql).bind(&record.record_id).bind(rows).execute(&mut *self).await?;
        }
        Ok(())
    }

    async fn end_rows(&mut self, record_id: &str) -> Result<()> {
        let sql = "UPDATE pc_grant_principal SET live = 0 WHERE record_id = $1";
        sqlx::query::<Db>(sql).bind(record_id).execute(&mut *self).await?;
        Ok(())
    }
}
