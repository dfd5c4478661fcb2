use std::path::PathBuf;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;

use crate::postgres::PostgresStore;
use crate::sqlite::SqliteStore;
use crate::{Result, Store, StoreError};

const EXPECTED: &str = "sqlite://PATH, sqlite::memory: or postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE";

/// How a database is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOptions {
    /// The most connections to PostgreSQL at once; SQLite has one that writes.
    pub max_connections: u32,
    /// How many connections to SQLite read.
    pub readers: u32,
    /// How long to wait for a connection (on SQLite also: for the turn to write) before
    /// [`StoreError::Unavailable`](crate::StoreError::Unavailable).
    pub acquire_timeout: Duration,
    /// How long PostgreSQL may work on one statement, migrations excepted. A `statement_timeout` in the URL's `options` wins.
    pub statement_timeout: Duration,
    /// How long SQLite waits for another process that writes.
    pub busy_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            max_connections: 16,
            readers: 4,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            busy_timeout: Duration::from_secs(5),
        }
    }
}

/// Whether `url` names a database in memory.
pub fn is_in_memory(url: &str) -> bool {
    sqlite_path(url) == Some(":memory:")
}

/// Where the SQLite file of `url` is; `None` for a database in memory and for PostgreSQL.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    sqlite_path(url).filter(|path| !path.is_empty() && *path != ":memory:")?;
    // The driver decodes the path, so it is asked.
    let options = SqliteConnectOptions::from_str(url).ok()?;
    Some(options.get_filename().to_path_buf())
}

/// What follows the scheme.
pub(crate) fn sqlite_path(url: &str) -> Option<&str> {
    url.strip_prefix("sqlite:").map(|rest| rest.strip_prefix("//").unwrap_or(rest))
}

/// Opens the database at `url`: `sqlite://PATH` (also `sqlite:PATH`), `sqlite::memory:`, `postgres://…` or `postgresql://…`.
///
/// A SQLite file that is missing is created, readable by its owner only. `sqlite::memory:` is one empty database a call,
/// with exactly one connection, which readers and writers share: a transaction in one task makes every other wait, and
/// whoever begins a second while holding one waits for itself until [`OpenOptions::acquire_timeout`]. It is for trying
/// things out. The schema is not touched: see [`Store::migrate`].
///
/// # Errors
/// [`StoreError::Url`] for another URL (the URL itself is never repeated: it may hold a password), [`StoreError::TooOld`]
/// for an old SQLite, [`StoreError::File`] or [`StoreError::Unavailable`] when the database cannot be reached.
pub async fn open(url: &str, options: OpenOptions) -> Result<Arc<dyn Store>> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        Some("sqlite") => Ok(Arc::new(SqliteStore::open(url, &options).await?)),
        Some("postgres" | "postgresql") => Ok(Arc::new(PostgresStore::open(url, &options).await?)),
        _ => Err(StoreError::Url { expected: EXPECTED }),
    }
}
