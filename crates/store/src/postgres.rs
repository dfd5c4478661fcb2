//! PostgreSQL: a pool of connections that read and write.

use std::str::FromStr;

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

use crate::change::CHANNEL;
use crate::{
    ChangeListener, MigrationReport, OpenOptions, Queries, Result, Snapshot, Store, StoreError, Tx,
    migrations,
};

const EXPECTED: &str = "postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE";

pub(crate) struct PostgresStore {
    pool: PgPool,
    /// For connections outside the pool, which have no statement timeout.
    patient: PgConnectOptions,
    options: OpenOptions,
}

impl PostgresStore {
    pub(crate) async fn open(url: &str, options: &OpenOptions) -> Result<Self> {
        // The driver's error may quote the URL, so it is not kept.
        let Ok(mut patient) = PgConnectOptions::from_str(url) else {
            return Err(StoreError::Url { expected: EXPECTED });
        };
        if patient.get_application_name().is_none() {
            patient = patient.application_name("portcullis");
        }
        let mut bounded = patient.clone();
        if !patient.get_options().is_some_and(|given| given.contains("statement_timeout")) {
            bounded = bounded.options([("statement_timeout", options.statement_timeout.as_millis())]);
        }
        let pool = PgPoolOptions::new()
            .max_connections(options.max_connections.max(1))
            .acquire_timeout(options.acquire_timeout)
            .connect_with(bounded)
            .await?;
        Ok(Self { pool, patient, options: options.clone() })
    }
}

/// The schema's version; 0 when there is none.
async fn schema_version(connection: &mut PgConnection) -> Result<i64> {
    let table = "SELECT to_regclass('pc_migrations') IS NOT NULL";
    if !sqlx::query_scalar::<_, bool>(table).fetch_one(&mut *connection).await? {
        return Ok(0);
    }
    let newest = "SELECT version FROM pc_migrations WHERE success ORDER BY version DESC LIMIT 1";
    Ok(sqlx::query_scalar(newest).fetch_optional(connection).await?.unwrap_or(0))
}

#[async_trait]
impl Store for PostgresStore {
    async fn begin(&self) -> Result<Box<dyn Tx>> {
        Ok(Box::new(self.pool.begin().await?))
    }

    async fn read(&self) -> Result<Box<dyn Snapshot>> {
        Ok(Box::new(self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?))
    }

    async fn migrate(&self) -> Result<MigrationReport> {
        let migrator = migrations::postgres();
        // A connection of its own: waiting for another node's migration may take longer than a statement may, and when
        // this one breaks, its lock goes with it.
        let mut connection = PgConnection::connect_with(&self.patient).await?;
        let from = schema_version(&mut connection).await?;
        if !migrations::is_newest(&migrator, from)? {
            migrator.run_direct(None, &mut connection, false).await?;
        }
        let to = schema_version(&mut connection).await?;
        connection.close().await?;
        Ok(MigrationReport { from, to })
    }

    async fn migrated(&self) -> Result<bool> {
        let found = schema_version(&mut *self.pool.acquire().await?).await?;
        migrations::is_newest(&migrations::postgres(), found)
    }

    async fn ping(&self) -> Result<()> {
        sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(&self.pool).await?;
        Ok(())
    }

    async fn listen(&self) -> Result<Option<Box<dyn ChangeListener>>> {
        // A pool of one: a listener keeps its connection for good, which must not be one that queries wait for.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(self.options.acquire_timeout)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(self.patient.clone())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        // A connection that is lost may have missed something: the caller must hear of it.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(Some(Box::new(Listener { listener, lost: false })))
    }

    async fn close(&self) {
        self.pool.close().await;
    }

    fn kind(&self) -> &'static str {
        "postgres"
    }
}

struct Listener {
    listener: PgListener,
    /// Once lost, it stays lost: the driver would reconnect by itself, and what came between would be missed.
    lost: bool,
}

#[async_trait]
impl ChangeListener for Listener {
    async fn wait(&mut self) -> Result<()> {
        if !self.lost {
            let heard = self.listener.try_recv().await;
            if matches!(heard, Ok(Some(_))) {
                while self.listener.next_buffered().is_some() {}
                return Ok(());
            }
            self.lost = true;
            heard?;
        }
        Err(StoreError::Unavailable { source: "the connection that hears of changes is lost".into() })
    }
}

#[async_trait]
impl Tx for Transaction<'static, Postgres> {
    fn queries(&mut self) -> &mut dyn Queries {
        &mut **self
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        Ok(Transaction::commit(*self).await?)
    }
}

impl Snapshot for Transaction<'static, Postgres> {
    fn queries(&mut self) -> &mut dyn Queries {
        &mut **self
    }
}
