//! The rows of a record, written by hand in one transaction: what is left when everything else is taken away.

use std::path::Path;
use std::str::FromStr;

use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};

use crate::Result;
use crate::world::Grant;

/// A database with the server's tables and nobody but us.
pub enum Bare {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// What a statement binds.
pub enum Value {
    Text(String),
    Number(i64),
    Bytes(Vec<u8>),
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn number(number: i64) -> Value {
    Value::Number(number)
}

pub fn bytes(length: usize) -> Value {
    Value::Bytes(vec![7; length])
}

/// One statement: in SQLite's words, in PostgreSQL's, and what is bound.
pub type Statement = (&'static str, &'static str, Vec<Value>);

impl Bare {
    /// A SQLite file in `folder`, set as the server sets its own.
    pub async fn sqlite(folder: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(folder.join("bare.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true);
        let mut connection = options.connect().await?;
        connection.execute(AssertSqlSafe(migration("sqlite")?)).await?;
        Ok(Self::Sqlite(connection))
    }

    pub async fn postgres(url: &str) -> Result<Self> {
        let mut connection = PgConnectOptions::from_str(url)?.connect().await?;
        connection.execute(AssertSqlSafe(migration("postgres")?)).await?;
        Ok(Self::Postgres(connection))
    }

    /// Writes what the server writes for a new record of `user` with one statement a grant.
    pub async fn write(&mut self, id: &str, user: &str, grants: &[(&Grant, &str)], body: &str) -> Result<()> {
        self.transact(&inserts(id, user, grants, body)).await
    }

    /// Runs statements in one transaction.
    pub async fn transact(&mut self, statements: &[Statement]) -> Result<()> {
        macro_rules! run {
            ($transaction:expr, $pick:expr) => {{
                let mut transaction = $transaction;
                for insert in statements {
                    let mut query = sqlx::query($pick(insert));
                    for value in &insert.2 {
                        query = match value {
                            Value::Text(text) => query.bind(text),
                            Value::Number(number) => query.bind(number),
                            Value::Bytes(bytes) => query.bind(bytes),
                        };
                    }
                    query.execute(&mut *transaction).await?;
                }
                transaction.commit().await?;
            }};
        }
        match self {
            Self::Sqlite(connection) => {
                run!(connection.begin_with("BEGIN IMMEDIATE").await?, |insert: &Statement| insert.0)
            }
            Self::Postgres(connection) => run!(connection.begin().await?, |insert: &Statement| insert.1),
        }
        Ok(())
    }
}

fn migration(database: &str) -> Result<String> {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/store/migrations").join(database);
    let mut files: Vec<_> =
        std::fs::read_dir(migrations)?.map(|file| Ok(file?.path())).collect::<Result<_>>()?;
    files.sort();
    let texts: Vec<String> = files.iter().map(std::fs::read_to_string).collect::<Result<_, _>>()?;
    Ok(texts.join("\n"))
}

fn inserts(id: &str, user: &str, grants: &[(&Grant, &str)], body: &str) -> Vec<Statement> {
    let rows = |row: &dyn Fn(usize) -> serde_json::Value| {
        Value::Text(json!((0..grants.len()).map(row).collect::<Vec<_>>()).to_string())
    };
    vec![
        (
            "INSERT INTO pc_record (record_id, status, body, folded, bytes, updated_at) VALUES ($1, 'ACTIVE', $2, $3, $4, 0)",
            "INSERT INTO pc_record (record_id, status, body, folded, bytes, updated_at) VALUES ($1, 'ACTIVE', $2, $3, $4, 0)",
            vec![text(id), text(body), text(&body.to_lowercase()), Value::Number(body.len() as i64)],
        ),
        (
            "INSERT INTO pc_grant_principal (record_id, statement, principal, kind, live) \
             SELECT $1, e.value ->> 0, e.value ->> 1, 'u', 1 FROM json_each($2) AS e",
            "INSERT INTO pc_grant_principal (record_id, statement, principal, kind, live) \
             SELECT $1::text, (e ->> 0)::bigint, e ->> 1, 'u', 1 FROM json_array_elements($2::json) AS e",
            vec![text(id), rows(&|index| json!([index, user]))],
        ),
        (
            "INSERT INTO pc_grant_resource (record_id, statement, uri) \
             SELECT $1, e.value ->> 0, e.value ->> 1 FROM json_each($2) AS e",
            "INSERT INTO pc_grant_resource (record_id, statement, uri) \
             SELECT $1::text, (e ->> 0)::bigint, e ->> 1 FROM json_array_elements($2::json) AS e",
            vec![text(id), rows(&|index| json!([index, grants[index].0.path]))],
        ),
        (
            "INSERT INTO pc_grant_role (record_id, statement, role_id) \
             SELECT $1, e.value ->> 0, e.value ->> 1 FROM json_each($2) AS e",
            "INSERT INTO pc_grant_role (record_id, statement, role_id) \
             SELECT $1::text, (e ->> 0)::bigint, e ->> 1 FROM json_array_elements($2::json) AS e",
            vec![text(id), rows(&|index| json!([index, grants[index].1]))],
        ),
        (
            "INSERT INTO pc_record_admin (record_id, user_id) VALUES ($1, 'owner')",
            "INSERT INTO pc_record_admin (record_id, user_id) VALUES ($1, 'owner')",
            vec![text(id)],
        ),
        (
            "INSERT INTO pc_change (kind, key, at, node) VALUES ('user', $1, 0, 'bare')",
            "INSERT INTO pc_change (kind, key, at, node) VALUES ('user', $1, 0, 'bare')",
            vec![text(user)],
        ),
        (
            "INSERT INTO pc_audit (at, actor, action, target, outcome, node) \
             VALUES (0, 'owner', 'record.create', $1, 'ok', 'bare')",
            "INSERT INTO pc_audit (at, actor, action, target, outcome, node) \
             VALUES (0, 'owner', 'record.create', $1, 'ok', 'bare')",
            vec![text(id)],
        ),
    ]
}
