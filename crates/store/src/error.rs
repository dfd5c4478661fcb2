use sqlx::migrate::MigrateError;
use thiserror::Error;

/// What every query of this crate returns.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The source of an error, whatever its type.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store did not do what it was asked. Nothing in it holds a password or a stored value.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be reached, is busy, or has run out of something: the same call may work later.
    #[error("the database is not available")]
    Unavailable {
        /// What the driver said.
        source: Cause,
    },
    /// Something stored does not read back: somebody else wrote it, or the file is damaged.
    #[error("stored {what} is corrupt")]
    Corrupt {
        /// Which kind of thing, and its id where it is known.
        what: String,
        /// What did not read.
        source: Cause,
    },
    /// The database URL is not one that can be opened.
    #[error("the database URL is not usable: expected {expected}")]
    Url {
        /// What would have been accepted.
        expected: &'static str,
    },
    /// The database file could not be created.
    #[error("cannot create the database file {path}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The database software is older than the oldest one that is known to keep data safe.
    #[error("{software} {found} is too old: at least {minimum} is needed")]
    TooOld {
        /// What is too old.
        software: &'static str,
        /// Its version.
        found: String,
        /// The oldest that is accepted.
        minimum: &'static str,
    },
    /// The database was migrated by a newer Portcullis than this one.
    #[error("the database's schema is version {found}, newer than this Portcullis knows ({known})")]
    Newer {
        /// The schema version of the database.
        found: i64,
        /// The newest version that this program has.
        known: i64,
    },
    /// A migration failed. What it had changed is undone.
    #[error("the database could not be migrated")]
    Migration {
        /// What failed.
        source: MigrateError,
    },
    /// A value cannot be written as it is.
    #[error("{what} cannot be stored")]
    Encode {
        /// Which kind of thing.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// Any other failure of a query: a fault of this program or of the schema.
    #[error("a query failed")]
    Query {
        /// What the driver said.
        source: sqlx::Error,
    },
}

impl StoreError {
    /// Whether the same call may work later without anybody changing anything: answer 503, not 500.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    pub(crate) fn corrupt(what: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self::Corrupt { what: what.into(), source: source.into() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &source {
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::BeginFailed => {
                Self::Unavailable { source: source.into() }
            }
            E::ColumnDecode { .. } | E::Decode(_) | E::TypeNotFound { .. } => Self::corrupt("row", source),
            E::Database(error) => match Severity::of(error.as_ref()) {
                Severity::Later => Self::Unavailable { source: source.into() },
                Severity::Damaged => Self::corrupt("database", source),
                Severity::Fault => Self::Query { source },
            },
            _ => Self::Query { source },
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(source: MigrateError) -> Self {
        match source {
            MigrateError::Execute(source) => source.into(),
            source => Self::Migration { source },
        }
    }
}

/// What an error code of a database means for the caller.
enum Severity {
    Later,
    Damaged,
    Fault,
}

impl Severity {
    fn of(error: &dyn sqlx::error::DatabaseError) -> Self {
        let code = error.code();
        let code = code.as_deref().unwrap_or_default();
        match error.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
            Some(_) => Self::of_sqlite(code),
            None => Self::of_postgres(code),
        }
    }

    /// SQLite's extended result codes hold the primary one in their low byte (<https://www.sqlite.org/rescode.html>).
    fn of_sqlite(code: &str) -> Self {
        match code.parse::<i64>().map_or(0, |code| code & 0xff) {
            // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN
            5..=10 | 13 | 14 => Self::Later,
            // CORRUPT, NOTADB
            11 | 26 => Self::Damaged,
            _ => Self::Fault,
        }
    }

    /// SQLSTATE classes of PostgreSQL (Appendix A of its manual).
    fn of_postgres(code: &str) -> Self {
        match code.get(..2).unwrap_or_default() {
            // Connection, transaction rollback (serialization failure, deadlock), resources, object state, operator
            // intervention (statement timeout, shutdown), system error.
            "08" | "40" | "53" | "55" | "57" | "58" => Self::Later,
            "XX" => Self::Damaged,
            // 25006: a failover made this server a standby.
            _ if code == "25006" => Self::Later,
            _ => Self::Fault,
        }
    }
}
