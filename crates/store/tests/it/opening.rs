//! Opening, migrating and closing.

use std::error::Error;
use std::time::{Duration, Instant};

use portcullis_store::{MigrationReport, OpenOptions, Queries, StoreError, open};
use sqlx::{Connection, PgConnection, SqliteConnection};

use crate::support::{Database, on_both, on_postgres, read, write};

/// The number of the last migration.
fn newest() -> i64 {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.to_str().unwrap()[..4].parse().unwrap()).max().unwrap()
}

on_both![
    migrating_again_changes_nothing,
    a_schema_of_a_newer_program_is_refused,
    many_nodes_may_migrate_at_once,
    an_open_database_answers_and_a_closed_one_is_unavailable,
    queries_run_inside_an_application_s_own_transaction,
];

async fn migrating_again_changes_nothing(database: Database) {
    let report = database.store.migrate().await.unwrap();
    assert_eq!((report.from, report.to), (newest(), newest()));
    assert!(!report.changed() && database.store.migrated().await.unwrap());
}

async fn a_schema_of_a_newer_program_is_refused(database: Database) {
    let renumber =
        "UPDATE pc_migrations SET version = 9999 WHERE version = (SELECT MAX(version) FROM pc_migrations)";
    database.execute(renumber).await;
    for error in [database.store.migrate().await.unwrap_err(), database.store.migrated().await.unwrap_err()] {
        assert!(matches!(error, StoreError::Newer { found: 9999, known } if known == newest()), "{error}");
    }
}

async fn many_nodes_may_migrate_at_once(database: Database) {
    if database.store.kind() == "postgres" {
        database.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public").await;
    }
    let url = match database.store.kind() {
        "sqlite" => database.url.replace("store.db", "other.db"),
        _ => database.url.clone(),
    };
    let nodes: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move {
                let store =
                    open(&url, OpenOptions { max_connections: 2, ..OpenOptions::default() }).await.unwrap();
                store.migrate().await.unwrap();
                assert!(store.migrated().await.unwrap());
                store.close().await;
            })
        })
        .collect();
    for node in nodes {
        node.await.unwrap();
    }
}

/// SQLite does not wait by itself before it turns a file to WAL.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_opens_a_new_file_waits_for_another_that_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/new.db?mode=rwc", folder.path().display());
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE; CREATE TABLE theirs (id BIGINT)").execute(&mut other).await.unwrap();
    let url = url.replace("?mode=rwc", "");
    let mut opening = tokio::spawn(async move { open(&url, OpenOptions::default()).await });
    let early = tokio::time::timeout(Duration::from_millis(200), &mut opening).await;
    assert!(early.is_err(), "it does not wait: {:?}", early.map(|opened| opened.unwrap().map(|_| ())));
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    opening.await.unwrap().unwrap().close().await;
}

async fn an_open_database_answers_and_a_closed_one_is_unavailable(database: Database) {
    let store = database.store;
    store.ping().await.unwrap();
    store.close().await;
    assert!(store.ping().await.unwrap_err().is_unavailable());
    assert!(store.begin().await.err().unwrap().is_unavailable());
}

async fn queries_run_inside_an_application_s_own_transaction(database: Database) {
    database.execute("CREATE TABLE theirs (id BIGINT)").await;
    for (value, keep) in [("dropped", false), ("kept", true)] {
        if database.store.kind() == "sqlite" {
            let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
            let mut theirs = connection.begin().await.unwrap();
            sqlx::query("INSERT INTO theirs VALUES (1)").execute(&mut *theirs).await.unwrap();
            let ours: &mut dyn Queries = &mut *theirs;
            assert!(ours.create_meta("a", value).await.unwrap());
            if keep { theirs.commit().await.unwrap() } else { theirs.rollback().await.unwrap() }
        } else {
            let mut connection = PgConnection::connect(&database.url).await.unwrap();
            let mut theirs = connection.begin().await.unwrap();
            sqlx::query("INSERT INTO theirs VALUES (1)").execute(&mut *theirs).await.unwrap();
            let ours: &mut dyn Queries = &mut *theirs;
            assert!(ours.create_meta("a", value).await.unwrap());
            if keep { theirs.commit().await.unwrap() } else { theirs.rollback().await.unwrap() }
        }
    }
    assert_eq!(read!(database.store, meta("a")).as_deref(), Some("kept"));
}

async fn refused(url: &str) -> StoreError {
    open(url, OpenOptions::default()).await.err().unwrap()
}

/// The error and its causes.
fn whole(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause: Option<&dyn Error> = error.source();
    while let Some(error) = cause {
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn a_url_that_cannot_be_opened_names_what_is_expected_and_never_itself() {
    for url in [
        "mysql://root:hunter2@host/db",
        "hunter2",
        "",
        "sqlite:",
        "sqlite://",
        "sqlite://a.db?mode=hunter2",
        "postgres://user:hunter2@host:99999/db",
        "postgres://user:hunter2@[/db",
    ] {
        let error = refused(url).await;
        assert!(matches!(error, StoreError::Url { .. }), "{url}: {error}");
        let text = whole(&error);
        assert!(text.contains("expected") && !text.contains("hunter2"), "{text}");
    }
    let error = refused("postgres://user:hunter2@127.0.0.1:1/db").await;
    assert!(error.is_unavailable() && !whole(&error).contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_sqlite_file_is_created_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b.db");
    let url = format!("sqlite:{}", path.display());
    let store = open(&url, OpenOptions::default()).await.unwrap();
    assert!(!store.migrated().await.unwrap());
    assert_eq!(store.migrate().await.unwrap(), MigrationReport { from: 0, to: newest() });
    assert!(write!(store, create_meta("a", "1")));
    let mut other = SqliteConnection::connect(&url).await.unwrap();
    let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut other).await.unwrap();
    assert_eq!(mode, "wal");
    #[cfg(unix)]
    for name in ["a b.db", "a b.db-wal", "a b.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&mode.permissions()) & 0o777, 0o600, "{name}");
    }
    store.close().await;
    let again = open(&url, OpenOptions::default()).await.unwrap();
    assert_eq!(read!(again, meta("a")).as_deref(), Some("1"));
    again.close().await;
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("no/such.db").display());
    let error = refused(&url).await;
    assert!(matches!(&error, StoreError::File { path, .. } if path.ends_with("no/such.db")), "{error}");
}

#[tokio::test]
async fn a_database_in_memory_has_one_connection_for_which_a_second_user_waits_and_does_not_hang() {
    let options = OpenOptions { acquire_timeout: Duration::from_millis(200), ..OpenOptions::default() };
    let store = open("sqlite::memory:", options.clone()).await.unwrap();
    store.migrate().await.unwrap();
    assert!(write!(store, create_meta("a", "1")));
    assert_eq!(read!(store, meta("a")).as_deref(), Some("1"));
    let held = store.begin().await.unwrap();
    let started = Instant::now();
    assert!(store.read().await.err().unwrap().is_unavailable());
    assert!(started.elapsed() < Duration::from_secs(3));
    drop(held);
    assert_eq!(read!(store, meta("a")).as_deref(), Some("1"));
    let other = open("sqlite::memory:", options).await.unwrap();
    assert!(!other.migrated().await.unwrap());
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    // Held by another session, the lock of the change log makes a statement wait.
    on_postgres(|database| async move {
        let options = OpenOptions { statement_timeout: Duration::from_millis(100), ..OpenOptions::default() };
        let hasty = open(&database.url, options).await.unwrap();
        let change = [(portcullis_store::ChangeKind::User, "u".to_owned())];
        let mut holder = database.store.begin().await.unwrap();
        holder.queries().append_changes(&change, crate::fixtures::NOW, "n").await.unwrap();
        let mut waiter = hasty.begin().await.unwrap();
        let answer = waiter.queries().append_changes(&change, crate::fixtures::NOW, "n").await;
        assert!(answer.unwrap_err().is_unavailable());
        drop(waiter);
        hasty.close().await;
    })
    .await;
}
