//! A fresh database for each test.

use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use portcullis_store::{OpenOptions, Store, open};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// A fresh, migrated database.
#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) url: String,
}

impl Database {
    async fn open(url: String) -> Self {
        crate::query_plans::capture();
        let store = open(&url, OpenOptions::default()).await.expect("the database opens");
        store.migrate().await.expect("the database migrates");
        Self { store, url }
    }

    /// Runs a statement behind the store's back.
    pub(crate) async fn execute(&self, sql: &str) {
        self.try_execute(sql).await.unwrap();
    }

    /// The same; it may fail.
    pub(crate) async fn try_execute(&self, sql: &str) -> sqlx::Result<()> {
        let sql = AssertSqlSafe(format!("/* test */ {sql}"));
        if self.store.kind() == "sqlite" {
            let mut connection = sqlx::SqliteConnection::connect(&self.url).await?;
            sqlx::raw_sql(sql).execute(&mut connection).await?;
        } else {
            let mut connection = PgConnection::connect(&self.url).await?;
            sqlx::raw_sql(sql).execute(&mut connection).await?;
        }
        Ok(())
    }
}

/// Where the PostgreSQL for tests is.
pub(crate) fn postgres_url() -> String {
    std::env::var("PORTCULLIS_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("PORTCULLIS_TEST_POSTGRES is not set: run the tests with `cargo xtask test`, which starts a PostgreSQL")
    })
}

pub(crate) async fn on_sqlite<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(Database) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(format!("sqlite://{}", folder.path().join("store.db").display())).await;
    let store = database.store.clone();
    let outcome = tokio::spawn(test(database)).await;
    store.close().await;
    finish(outcome);
}

pub(crate) async fn on_postgres<F: Future<Output = ()> + Send + 'static>(test: impl FnOnce(Database) -> F) {
    let server = postgres_url();
    let name = format!("pc_test_{:016x}", RandomState::new().hash_one(0));
    let mut admin = PgConnection::connect(&server).await.expect("the test PostgreSQL answers");
    let create = format!("CREATE DATABASE {name}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let database = Database::open(format!("{base}/{name}")).await;
    let store = database.store.clone();
    let outcome = tokio::spawn(test(database)).await;
    store.close().await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
    finish(outcome);
}

/// The test's own panic, after its database is gone.
fn finish(outcome: Result<(), tokio::task::JoinError>) {
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

/// Makes a test a function and a database: `async fn name(database: Database)` runs on both.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $(
            #[tokio::test]
            async fn $name() {
                $crate::support::on_sqlite(super::$name).await;
            }
        )* }
        mod postgres { $(
            #[tokio::test]
            async fn $name() {
                $crate::support::on_postgres(super::$name).await;
            }
        )* }
    };
}
pub(crate) use on_both;

/// Runs one write in a transaction of its own and gives what it answered.
macro_rules! write {
    ($store:expr, $method:ident($($argument:expr),*)) => {{
        let mut transaction = $store.begin().await.unwrap();
        let answer = transaction.queries().$method($($argument),*).await.unwrap();
        transaction.commit().await.unwrap();
        answer
    }};
}
pub(crate) use write;

/// Runs one read in a view of its own and gives what it answered.
macro_rules! read {
    ($store:expr, $method:ident($($argument:expr),*)) => {{
        let mut view = $store.read().await.unwrap();
        view.queries().$method($($argument),*).await.unwrap()
    }};
}
pub(crate) use read;
