//! A SQLite file: one connection that writes, some that read. Or a database in memory: one connection for both.

use std::io::ErrorKind;
use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, SqliteConnection, Transaction};

use crate::{
    ChangeListener, MigrationReport, OpenOptions, Queries, Result, Snapshot, Store, StoreError, Tx,
    migrations,
};

const EXPECTED: &str = "sqlite://PATH or sqlite::memory:, without parameters";

/// Versions before it can lose data in WAL mode when a checkpoint meets a writer.
const MINIMUM: (u32, u32, u32) = (3, 51, 3);
const MINIMUM_TEXT: &str = "3.51.3";

/// How long to wait before a new file is asked for again.
const AGAIN: Duration = Duration::from_millis(10);

pub(crate) struct SqliteStore {
    writer: SqlitePool,
    /// The same pool as `writer` for a database in memory.
    readers: SqlitePool,
}

impl SqliteStore {
    pub(crate) async fn open(url: &str, options: &OpenOptions) -> Result<Self> {
        let in_memory = match crate::open::sqlite_path(url) {
            None | Some("") => return Err(StoreError::Url { expected: EXPECTED }),
            Some(path) if path.contains('?') => return Err(StoreError::Url { expected: EXPECTED }),
            Some(path) => path == ":memory:",
        };
        // The driver's error may quote the URL, so it is not kept.
        let Ok(connect) = SqliteConnectOptions::from_str(url) else {
            return Err(StoreError::Url { expected: EXPECTED });
        };
        let connect = connect.create_if_missing(true).foreign_keys(true).busy_timeout(options.busy_timeout);
        let store = if in_memory {
            let only = pool(1, options).min_connections(1).connect_with(connect).await?;
            Self { writer: only.clone(), readers: only }
        } else {
            create_private(connect.get_filename())?;
            let writing =
                connect.clone().journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
            let reading = connect.pragma("query_only", "ON");
            // The writer first: it turns the file to WAL, which readers find set.
            let writer = turned_to_wal(writing, options).await?;
            let readers = pool(options.readers.max(1), options).connect_with(reading).await?;
            Self { writer, readers }
        };
        store.refuse_old_library().await?;
        Ok(store)
    }

    async fn refuse_old_library(&self) -> Result<()> {
        let found: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&self.readers).await?;
        if version(&found) < MINIMUM {
            return Err(StoreError::TooOld { software: "SQLite", found, minimum: MINIMUM_TEXT });
        }
        Ok(())
    }
}

/// The connection that writes. SQLite does not wait for another one that turns the same new file to WAL, however long it may wait else: the
/// lock is one on which waiting could deadlock. So it is asked again, for as long.
async fn turned_to_wal(connect: SqliteConnectOptions, options: &OpenOptions) -> Result<SqlitePool> {
    let until = Instant::now() + options.busy_timeout;
    loop {
        match pool(1, options).connect_with(connect.clone()).await {
            Err(error) if is_busy(&error) && Instant::now() < until => tokio::time::sleep(AGAIN).await,
            opened => return Ok(opened?),
        }
    }
}

/// Whether another connection holds a lock (`SQLITE_BUSY`, by its primary code).
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i64>().ok());
    code.is_some_and(|code| code & 0xff == 5)
}

/// A pool that keeps its connections: a database in memory lives as long as its one connection.
fn pool(connections: u32, options: &OpenOptions) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(options.acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
}

/// Creates a missing database file for its owner only. SQLite gives its companions (`-wal`, `-shm`) the same mode.
fn create_private(path: &Path) -> Result<()> {
    let mut create = std::fs::OpenOptions::new();
    create.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut create, 0o600);
    match create.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(StoreError::File { path: path.display().to_string(), source }),
    }
}

/// `3.51.3` as numbers; what is missing or is no number counts as 0.
fn version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

/// The schema's version; 0 when there is none.
async fn schema_version(connection: &mut SqliteConnection) -> Result<i64> {
    let table = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'pc_migrations'";
    if sqlx::query_scalar::<_, String>(table).fetch_optional(&mut *connection).await?.is_none() {
        return Ok(0);
    }
    let newest = "SELECT version FROM pc_migrations WHERE success ORDER BY version DESC LIMIT 1";
    Ok(sqlx::query_scalar(newest).fetch_optional(connection).await?.unwrap_or(0))
}

#[async_trait]
impl Store for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        // IMMEDIATE: the write lock at the start, where waiting for another process is possible. A transaction that reads
        // first and then writes could only fail.
        Ok(Box::new(self.writer.begin_with("BEGIN IMMEDIATE").await?))
    }

    async fn read(&self) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(self.readers.begin().await?))
    }

    async fn migrate(&self) -> Result<MigrationReport> {
        let migrator = migrations::sqlite();
        // All in one transaction, whose write lock keeps other processes from migrating at once.
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let from = schema_version(&mut transaction).await?;
        if !migrations::is_newest(&migrator, from)? {
            migrator.run_direct(None, &mut *transaction, false).await?;
        }
        let to = schema_version(&mut transaction).await?;
        transaction.commit().await?;
        Ok(MigrationReport { from, to })
    }

    async fn migrated(&self) -> Result<bool> {
        let found = schema_version(&mut *self.readers.acquire().await?).await?;
        migrations::is_newest(&migrations::sqlite(), found)
    }

    async fn ping(&self) -> Result<()> {
        sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&self.readers).await?;
        Ok(())
    }

    async fn listen(&self) -> Result<Option<Box<dyn ChangeListener>>> {
        Ok(None)
    }

    async fn close(&self) {
        // Readers first: the last connection to close folds the write-ahead log into the file.
        self.readers.close().await;
        self.writer.close().await;
    }

    fn kind(&self) -> &'static str {
        "sqlite"
    }
}

#[async_trait]
impl Tx for Transaction<'static, Sqlite> {
    fn queries(&mut self) -> &mut dyn Queries {
        &mut **self
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        Ok(Transaction::commit(*self).await?)
    }
}

impl Snapshot for Transaction<'static, Sqlite> {
    fn queries(&mut self) -> &mut dyn Queries {
        &mut **self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version("3.51.2") < MINIMUM && version("3.9.99") < MINIMUM && version("") < MINIMUM);
        assert!(version(MINIMUM_TEXT) == MINIMUM && version("3.100.0") > MINIMUM && version("4") > MINIMUM);
    }
}
