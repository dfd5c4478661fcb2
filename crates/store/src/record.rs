use async_trait::async_trait;
use macro_rules_attribute::apply;
use portcullis_domain::Record;
use portcullis_types::Timestamp;
use portcullis_types::authress::RecordStatus;

use crate::dialect::{filtered, for_update, per_backend};
use crate::page::{fold_all, tag_texts};
use crate::record_rows::RecordRows;
use crate::{Page, Result, StoreError, body};

/// A record and the size of its stored form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// The record.
    pub record: Record,
    /// How many bytes its JSON takes.
    pub bytes: usize,
}

/// Access records and the row sets that they compile to (tables `pc_record`, `pc_record_admin`, `pc_grant_*`).
#[async_trait]
pub trait Records: Send {
    /// Adds a record. False: an active one of that id exists. A deleted one is replaced.
    async fn insert_record(&mut self, record: &Record) -> Result<bool>;

    /// Replaces a record, its status included. False: there is none of that id, active or deleted.
    async fn replace_record(&mut self, record: &Record) -> Result<bool>;

    /// Marks an active record deleted. Its rows stay for explanations and grant nothing. False: no active one has that id.
    async fn delete_record(&mut self, record_id: &str, at: Timestamp) -> Result<bool>;

    /// The record of that id, active or deleted.
    async fn record(&mut self, record_id: &str) -> Result<Option<RecordRow>>;

    /// The record of that id, active or deleted, which nobody else changes before this transaction ends.
    async fn record_for_update(&mut self, record_id: &str) -> Result<Option<RecordRow>>;

    /// Records in the order of their ids, of one status or of both; the filter looks into every text.
    async fn list_records(&mut self, page: &Page, status: Option<RecordStatus>) -> Result<Vec<RecordRow>>;

    /// The records that a user is an admin of; as [`Records::list_records`].
    async fn records_by_admin(
        &mut self,
        user_id: &str,
        page: &Page,
        status: Option<RecordStatus>,
    ) -> Result<Vec<RecordRow>>;
}

fn code(status: RecordStatus) -> &'static str {
    match status {
        RecordStatus::Active => "ACTIVE",
        RecordStatus::Deleted => "DELETED",
    }
}

fn folded(record: &Record) -> String {
    let own = [record.record_id.as_str(), &record.name, record.description.as_deref().unwrap_or_default()];
    let people = record.users.iter().chain(&record.admins).map(|user| user.user_id.as_str());
    let groups = record.groups.iter().map(|group| group.group_id.as_str());
    let tags = tag_texts(record.tags.as_ref());
    let statements = record.statements.iter().flat_map(|statement| {
        let users = statement.users.iter().flatten().map(|user| user.user_id.as_str());
        let groups = statement.groups.iter().flatten().map(|group| group.group_id.as_str());
        let resources = statement.resources.iter().map(|resource| resource.resource_uri.as_str());
        statement.roles.iter().map(String::as_str).chain(resources).chain(users).chain(groups)
    });
    fold_all(own.into_iter().chain(people).chain(groups).chain(tags).chain(statements))
}

#[derive(sqlx::FromRow)]
struct Row {
    record_id: String,
    status: String,
    body: String,
    bytes: i64,
    updated_at: i64,
}

fn read(row: Row) -> Result<RecordRow> {
    let corrupt = |cause: String| StoreError::corrupt(format!("record {}", row.record_id), cause);
    let status = match row.status.as_str() {
        "ACTIVE" => RecordStatus::Active,
        "DELETED" => RecordStatus::Deleted,
        other => return Err(corrupt(format!("its status is {other:?}"))),
    };
    let bytes = usize::try_from(row.bytes).map_err(|error| corrupt(error.to_string()))?;
    let record = body::decode("record", &row.record_id, &row.body)?;
    let updated_at = Timestamp::from_micros(row.updated_at);
    Ok(RecordRow { record: Record { record_id: row.record_id, status, updated_at, ..record }, bytes })
}

/// The record's JSON and its size, as the columns want them.
fn written(record: &Record) -> Result<(String, i64)> {
    let body = body::encode("record", record)?;
    let bytes = i64::try_from(body.len()).unwrap_or(i64::MAX);
    Ok((body, bytes))
}

#[apply(per_backend!)]
#[async_trait]
impl Records for Conn {
    async fn insert_record(&mut self, record: &Record) -> Result<bool> {
        let (body, bytes) = written(record)?;
        let done = sqlx::query::<Db>(
            "INSERT INTO pc_record (record_id, status, body, folded, bytes, updated_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (record_id) DO UPDATE SET status = excluded.status, body = excluded.body, \
             folded = excluded.folded, bytes = excluded.bytes, updated_at = excluded.updated_at \
             WHERE pc_record.status = 'DELETED'",
        )
        .bind(&record.record_id)
        .bind(code(record.status))
        .bind(body)
        .bind(folded(record))
        .bind(bytes)
        .bind(record.updated_at.micros())
        .execute(&mut *self)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.rewrite_rows(record).await?;
        Ok(true)
    }

    async fn replace_record(&mut self, record: &Record) -> Result<bool> {
        let (body, bytes) = written(record)?;
        let done = sqlx::query::<Db>(
            "UPDATE pc_record SET status = $2, body = $3, folded = $4, bytes = $5, updated_at = $6 WHERE record_id = $1",
        )
        .bind(&record.record_id)
        .bind(code(record.status))
        .bind(body)
        .bind(folded(record))
        .bind(bytes)
        .bind(record.updated_at.micros())
        .execute(&mut *self)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.rewrite_rows(record).await?;
        Ok(true)
    }

    async fn delete_record(&mut self, record_id: &str, at: Timestamp) -> Result<bool> {
        let done = sqlx::query::<Db>(
            "UPDATE pc_record SET status = 'DELETED', updated_at = $2 WHERE record_id = $1 AND status = 'ACTIVE'",
        )
        .bind(record_id)
        .bind(at.micros())
        .execute(&mut *self)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        self.end_rows(record_id).await?;
        Ok(true)
    }

    async fn record(&mut self, record_id: &str) -> Result<Option<RecordRow>> {
        let sql = "SELECT record_id, status, body, bytes, updated_at FROM pc_record WHERE record_id = $1";
        let row = sqlx::query_as::<Db, Row>(sql).bind(record_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn record_for_update(&mut self, record_id: &str) -> Result<Option<RecordRow>> {
        let sql = for_update!(
            "SELECT record_id, status, body, bytes, updated_at FROM pc_record WHERE record_id = $1"
        );
        let row = sqlx::query_as::<Db, Row>(sql).bind(record_id).fetch_optional(&mut *self).await?;
        row.map(read).transpose()
    }

    async fn list_records(&mut self, page: &Page, status: Option<RecordStatus>) -> Result<Vec<RecordRow>> {
        // Two texts, so that a status has its own index to walk, however rare it is.
        let sql = match status {
            None => filtered!(
                "SELECT record_id, status, body, bytes, updated_at FROM pc_record WHERE record_id >= $1",
                "ORDER BY record_id LIMIT $3"
            ),
            Some(_) => filtered!(
                "SELECT record_id, status, body, bytes, updated_at FROM pc_record WHERE record_id >= $1 AND status = $4",
                "ORDER BY record_id LIMIT $3"
            ),
        };
        let mut rows =
            sqlx::query_as::<Db, Row>(sql).bind(page.start()).bind(page.needle()).bind(page.limit());
        if let Some(status) = status {
            rows = rows.bind(code(status));
        }
        rows.fetch_all(&mut *self).await?.into_iter().map(read).collect()
    }

    async fn records_by_admin(
        &mut self,
        user_id: &str,
        page: &Page,
        status: Option<RecordStatus>,
    ) -> Result<Vec<RecordRow>> {
        let sql = filtered!(
            "SELECT r.record_id, r.status, r.body, r.bytes, r.updated_at \
             FROM pc_record_admin a JOIN pc_record r ON r.record_id = a.record_id \
             WHERE a.user_id = $4 AND a.record_id >= $1 AND ($5 = '' OR r.status = $5)",
            "ORDER BY a.record_id LIMIT $3"
        );
        sqlx::query_as::<Db, Row>(sql)
            .bind(page.start())
            .bind(page.needle())
            .bind(page.limit())
            .bind(user_id)
            .bind(status.map_or("", code))
            .fetch_all(&mut *self)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }
}
