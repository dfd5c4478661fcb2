//! How an installation is made, once, and how a node starts on it.

use std::error::Error as _;
use std::sync::Arc;

use portcullis::jose::{AccessKey, MasterKey};
use portcullis::store::Store;
use portcullis::{Bootstrapped, Error, Portcullis, Settings, SystemClock, bootstrap};

use crate::bed::{Seeded, URL, master_key, migrated};

/// Each test on a database without an installation, on both.
macro_rules! on_both_empty {
    ($($name:ident),* $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::bed::on_sqlite(super::$name).await;
            }
        )* }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                $crate::bed::on_postgres(super::$name).await;
            }
        )* }
    };
}

on_both_empty!(
    bootstrapping_twice_is_once,
    nodes_that_bootstrap_together_make_one_installation,
    what_cannot_be_kept_is_not_made,
    another_master_key_is_refused_and_says_what_to_copy,
    without_an_installation_a_node_does_not_start,
);

async fn make(store: &dyn Store, seed: u64) -> portcullis::Result<Bootstrapped> {
    bootstrap(store, &master_key(), &SystemClock, &Seeded::new(seed), |_| Ok(())).await
}

async fn start(store: Arc<dyn Store>, master_key: MasterKey) -> portcullis::Result<Portcullis> {
    Portcullis::start(store, Settings::new(format!("{URL}/"), master_key)).await
}

async fn bootstrapping_twice_is_once(url: String) {
    let store = migrated(&url).await;
    let first = make(&*store, 1).await.unwrap();
    let second = make(&*store, 2).await.unwrap();
    assert!(first.access_key.is_some() && second.access_key.is_none());
    assert_eq!(first.account, second.account);
    let key = AccessKey::parse(std::str::from_utf8(first.access_key.unwrap().expose()).unwrap()).unwrap();
    assert_eq!(
        (key.client_id(), key.account_id()),
        (first.account.owner_client_id.as_str(), first.account.account_id.as_str())
    );
    let node = start(store, master_key()).await.unwrap();
    assert_eq!((node.account(), node.public_url(), node.jwks().keys.len()), (&first.account, URL, 1));
    let bearer = key.mint_client_token(URL, node.now(), 60).unwrap();
    let owner = portcullis::Cx::of(crate::bed::sender(&node, &bearer).await.unwrap(), "r".into());
    for resource in ["docs/1", "Authress:Roles", "Portcullis:Audit"] {
        let question =
            portcullis::access::Question { user_id: key.client_id(), resource, permission: "anything" };
        assert!(portcullis::access::check(&node, &owner, question).await.unwrap(), "{resource}");
    }
    let audited =
        portcullis::audit::list(&node, &owner, portcullis::audit::AuditQuery::default()).await.unwrap().items;
    assert_eq!((audited.len(), audited[0].action.as_str()), (1, "account.create"));
}

async fn nodes_that_bootstrap_together_make_one_installation(url: String) {
    let mut tasks = tokio::task::JoinSet::new();
    for seed in 0..4 {
        let url = url.clone();
        tasks.spawn(async move { make(&*migrated(&url).await, seed).await });
    }
    let made: Vec<Bootstrapped> = tasks.join_all().await.into_iter().map(Result::unwrap).collect();
    assert!(made.iter().all(|one| one.account == made[0].account), "{made:?}");
    assert_eq!(made.iter().filter(|one| one.access_key.is_some()).count(), 1, "one of them has the key");
    let node = start(migrated(&url).await, master_key()).await.unwrap();
    let local = portcullis::Cx::local("root");
    let clients = portcullis::client::list(&node, &local, portcullis::PageRequest::first(20)).await.unwrap();
    assert_eq!((clients.items.len(), clients.items[0].verification_keys.len()), (1, 1));
}

async fn what_cannot_be_kept_is_not_made(url: String) {
    let store = migrated(&url).await;
    let full = |_: &Bootstrapped| Err(std::io::Error::other("the disk is full"));
    let failed = bootstrap(&*store, &master_key(), &SystemClock, &Seeded::new(1), full).await;
    let Err(Error::Internal(cause)) = failed else { panic!("{failed:?}") };
    assert_eq!(cause.to_string(), "the disk is full");
    assert!(matches!(start(Arc::clone(&store), master_key()).await, Err(Error::NotFound("installation"))));
    assert!(make(&*store, 2).await.unwrap().access_key.is_some(), "the next attempt makes it");
}

async fn another_master_key_is_refused_and_says_what_to_copy(url: String) {
    let store = migrated(&url).await;
    make(&*store, 1).await.unwrap();
    let refused = start(Arc::clone(&store), MasterKey::from_bytes([8; 32]))
        .await
        .err()
        .expect("it does not open the keys");
    let mut told = refused.to_string();
    let mut cause = refused.source();
    while let Some(next) = cause {
        told = format!("{told}: {next}");
        cause = next.source();
    }
    assert!(told.contains("master.key") && told.contains("PORTCULLIS_MASTER_KEY"), "{told}");
    assert!(start(store, master_key()).await.is_ok());
}

async fn without_an_installation_a_node_does_not_start(url: String) {
    let store = migrated(&url).await;
    assert!(matches!(start(store, master_key()).await, Err(Error::NotFound("installation"))));
}
