use portcullis_store::Page;
use portcullis_types::application::Application;

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    an_application_is_read_back_as_it_was_written,
    applications_are_listed_in_the_order_of_their_ids,
    applications_are_named_many_at_once,
    tk_19_of_a_secret_its_digest_is_kept_until_it_or_its_application_is_deleted,
    tk_21_an_assertion_is_used_once_until_it_is_forgotten,
    tk_21_of_50_parallel_uses_of_an_assertion_one_succeeds,
    as_26_whoever_asks_for_the_same_id_waits,
];

async fn an_application_is_read_back_as_it_was_written(database: Database) {
    let store = database.store;
    let application = fixtures::application("app_1");
    assert!(!write!(store, update_application(&application)));
    assert!(write!(store, insert_application(&application)));
    assert!(!write!(store, insert_application(&application)));
    assert_eq!(read!(store, application("app_1")), Some(application.clone()));
    assert_eq!(read!(store, application("APP_1")), None);
    let later = Application { name: "Other".to_owned(), last_updated: NOW.plus_secs(1), ..application };
    assert!(write!(store, update_application(&later)));
    assert_eq!(write!(store, application_for_update("app_1")), Some(later));
    assert!(write!(store, keep_application("app_1")) && !write!(store, keep_application("app_2")));
    assert!(write!(store, delete_application("app_1")));
    assert!(!write!(store, delete_application("app_1")));
    assert_eq!(read!(store, application("app_1")), None);
}

async fn applications_are_listed_in_the_order_of_their_ids(database: Database) {
    let store = database.store;
    for id in ["b", "a", "C", "~", "."] {
        write!(store, insert_application(&fixtures::application(id)));
    }
    let ids = async |page: Page| -> Vec<String> {
        read!(store, list_applications(&page)).into_iter().map(|one| one.application_id).collect()
    };
    assert_eq!(ids(Page::first(3)).await, [".", "C", "a"]);
    assert_eq!(ids(Page::new(Some("a".to_owned()), None, 9)).await, ["b", "~"]);
    assert_eq!(ids(Page::new(None, Some("ATION B"), 9)).await, ["b"]);
}

async fn applications_are_named_many_at_once(database: Database) {
    let store = database.store;
    for (id, name) in [("a", "The \"a\" é"), ("b", "B"), ("c", "C")] {
        let application = Application { name: name.to_owned(), ..fixtures::application(id) };
        write!(store, insert_application(&application));
    }
    let names = async |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        read!(store, application_names(&ids))
    };
    let named = [("a", "The \"a\" é"), ("c", "C")].map(|(id, name)| (id.to_owned(), name.to_owned()));
    assert_eq!(names(&["c", "gone", "a", "c", "A"]).await, named);
    assert!(names(&[]).await.is_empty());
}

async fn tk_19_of_a_secret_its_digest_is_kept_until_it_or_its_application_is_deleted(database: Database) {
    let store = database.store;
    write!(store, insert_application(&fixtures::application("a")));
    let (first, second) = (fixtures::secret("a", "s1"), fixtures::secret("a", "s2"));
    assert!(
        write!(store, insert_application_secret(&second)) && write!(store, insert_application_secret(&first))
    );
    assert!(!write!(store, insert_application_secret(&first)));
    let other = fixtures::secret("b", "s1");
    assert!(write!(store, insert_application_secret(&other)));
    assert_eq!(read!(store, application_secrets("a")), [first, second.clone()]);
    assert!(write!(store, delete_application_secret("a", "s1")));
    assert!(!write!(store, delete_application_secret("a", "s1")));
    assert_eq!(read!(store, application_secrets("a")), [second]);
    write!(store, delete_application("a"));
    assert!(read!(store, application_secrets("a")).is_empty());
    assert_eq!(write!(store, delete_application_secrets("b")), 1);
    assert!(read!(store, application_secrets("b")).is_empty());
}

async fn tk_21_an_assertion_is_used_once_until_it_is_forgotten(database: Database) {
    let store = database.store;
    assert!(write!(store, use_client_assertion("a", &[1; 32], NOW)));
    assert!(!write!(store, use_client_assertion("a", &[1; 32], NOW.plus_secs(9))));
    assert!(write!(store, use_client_assertion("b", &[1; 32], NOW)), "ids are each application's own");
    assert!(write!(store, use_client_assertion("a", &[2; 32], NOW.plus_secs(1))));
    assert_eq!(write!(store, delete_past_client_assertions(NOW.plus_secs(-1), 9)), 0);
    assert_eq!(write!(store, delete_past_client_assertions(NOW, 1)), 1);
    assert_eq!(write!(store, delete_past_client_assertions(NOW, 9)), 1);
    assert!(!write!(store, use_client_assertion("a", &[2; 32], NOW)));
    assert!(write!(store, use_client_assertion("a", &[1; 32], NOW)));
}

async fn tk_21_of_50_parallel_uses_of_an_assertion_one_succeeds(database: Database) {
    let store = database.store;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { write!(store, use_client_assertion("a", &[1; 32], NOW)) })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        won += usize::from(task.await.unwrap());
    }
    assert_eq!(won, 1);
}

/// Each looks for the other's row and adds its own: without the lock both would find nothing.
async fn as_26_whoever_asks_for_the_same_id_waits(database: Database) {
    let store = database.store;
    for round in 0..10 {
        let id = format!("id{round}");
        let (as_user, as_application) = ((store.clone(), id.clone()), (store.clone(), id.clone()));
        let user = tokio::spawn(async move {
            let (store, id) = as_user;
            let mut transaction = store.begin().await.unwrap();
            let queries = transaction.queries();
            queries.lock_principal(&id).await.unwrap();
            let free = queries.application(&id).await.unwrap().is_none();
            tokio::task::yield_now().await;
            free && queries.insert_user(&fixtures::user(&id, "n")).await.unwrap()
                && transaction.commit().await.is_ok()
        });
        let application = tokio::spawn(async move {
            let (store, id) = as_application;
            let mut transaction = store.begin().await.unwrap();
            let queries = transaction.queries();
            queries.lock_principal(&id).await.unwrap();
            let free = queries.user(&id).await.unwrap().is_none();
            tokio::task::yield_now().await;
            let application = fixtures::application(&id);
            free && queries.insert_application(&application).await.unwrap()
                && transaction.commit().await.is_ok()
        });
        assert!(user.await.unwrap() != application.await.unwrap(), "{id}");
    }
}
