//! Nodes that poll and nodes that listen miss nothing.

use std::time::Duration;

use portcullis_store::{ChangeKind, Store};

use crate::fixtures::NOW;
use crate::support::{Database, on_both, on_postgres, on_sqlite, read, write};

on_both![a_poller_misses_nothing_whatever_the_order_of_commits];

/// Writers that hold their transactions open for different times, so that without the lock ids would commit crosswise.
async fn a_poller_misses_nothing_whatever_the_order_of_commits(database: Database) {
    const WRITERS: usize = 2;
    const EACH: usize = 25;
    let store = database.store;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    let mut transaction = store.begin().await.unwrap();
                    let change = [(ChangeKind::User, format!("{writer}-{n}"))];
                    transaction.queries().append_changes(&change, NOW, "n").await.unwrap();
                    let pause = if (n + writer) % 2 == 0 { 7 } else { 1 };
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    transaction.commit().await.unwrap();
                }
            })
        })
        .collect();
    let (mut last, mut seen) = (0, 0);
    while seen < WRITERS * EACH {
        let ended = writers.iter().all(tokio::task::JoinHandle::is_finished);
        let changes = read!(store, changes_after(last, 7));
        assert!(!(ended && changes.is_empty()), "only {seen} of {} were seen", WRITERS * EACH);
        seen += changes.len();
        last = changes.last().map_or(last, |change| change.id);
    }
    assert_eq!(read!(store, newest_change()), last);
}

async fn crosswise(store: &dyn Store) {
    let mut early = store.begin().await.unwrap();
    early.queries().append_changes(&[(ChangeKind::User, "early".into())], NOW, "n").await.unwrap();
    let mut late = store.begin().await.unwrap();
    let change = [(ChangeKind::User, "late".to_owned())];
    let mut second = late.queries().append_changes(&change, NOW, "n");
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut second).await.is_err());
    early.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), 2);
    late.commit().await.unwrap();
}

#[tokio::test]
async fn who_appends_later_waits_until_the_earlier_one_has_committed() {
    on_postgres(|database| async move { crosswise(&*database.store).await }).await;
}

#[tokio::test]
async fn a_listener_is_woken_by_a_commit_and_not_before() {
    on_postgres(|database| async move {
        let store = database.store;
        let mut listener = store.listen().await.unwrap().expect("PostgreSQL notifies");
        let mut transaction = store.begin().await.unwrap();
        let change = [(ChangeKind::User, "u".to_owned())];
        transaction.queries().append_changes(&change, NOW, "n").await.unwrap();
        assert!(tokio::time::timeout(Duration::from_millis(200), listener.wait()).await.is_err());
        transaction.commit().await.unwrap();
        tokio::time::timeout(Duration::from_secs(5), listener.wait()).await.expect("woken").unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_listener_that_lost_its_connection_says_so_and_another_hears_again() {
    on_postgres(|database| async move {
        let store = database.store.clone();
        let mut listener = store.listen().await.unwrap().unwrap();
        database
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE query LIKE 'LISTEN%' AND datname = current_database()",
            )
            .await;
        let lost = tokio::time::timeout(Duration::from_secs(5), listener.wait()).await.expect("an answer");
        assert!(lost.unwrap_err().is_unavailable());
        assert!(listener.wait().await.unwrap_err().is_unavailable());
        let mut again = store.listen().await.unwrap().unwrap();
        write!(store, append_changes(&[(ChangeKind::Role, "r".to_owned())], NOW, "n"));
        tokio::time::timeout(Duration::from_secs(5), again.wait()).await.expect("woken").unwrap();
    })
    .await;
}

#[tokio::test]
async fn sqlite_has_nobody_to_listen_to() {
    on_sqlite(|database| async move { assert!(database.store.listen().await.unwrap().is_none()) }).await;
}
