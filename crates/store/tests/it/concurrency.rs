//! What happens once happens once, however many want it.

use portcullis_store::SigningKeyState;

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    of_many_writers_of_one_record_exactly_one_succeeds,
    of_many_writers_over_a_deleted_record_exactly_one_succeeds,
    an_invite_is_used_exactly_once,
    of_many_creators_exactly_one_creates,
    of_many_that_promote_a_signing_key_exactly_one_does,
    readers_do_not_wait_for_a_writer,
];

/// Runs `count` of them at once and says how many gave `true`.
macro_rules! successes {
    ($count:literal, $store:expr, |$inner:ident, $n:ident| $body:expr) => {{
        let tasks: Vec<_> = (0..$count)
            .map(|$n: usize| {
                let $inner = $store.clone();
                tokio::spawn(async move { $body })
            })
            .collect();
        let mut successes = 0;
        for task in tasks {
            successes += usize::from(task.await.unwrap());
        }
        successes
    }};
}

async fn of_many_writers_of_one_record_exactly_one_succeeds(database: Database) {
    let store = database.store;
    let won = successes!(20, store, |store, n| {
        let user = format!("user{n}");
        write!(store, insert_record(&fixtures::simple("rec_1", &[&user], "reader", "docs/1")))
    });
    assert_eq!(won, 1);
    let users = read!(store, users_of_resource("docs/1", None, 99));
    let record = read!(store, record("rec_1")).unwrap().record;
    assert_eq!(users, [record.users[0].user_id.clone()]);
}

async fn of_many_writers_over_a_deleted_record_exactly_one_succeeds(database: Database) {
    let store = database.store;
    write!(store, insert_record(&fixtures::simple("rec_1", &["first"], "reader", "docs/1")));
    write!(store, delete_record("rec_1", NOW));
    let won = successes!(20, store, |store, n| {
        let user = format!("user{n}");
        write!(store, insert_record(&fixtures::simple("rec_1", &[&user], "reader", "docs/1")))
    });
    assert_eq!(won, 1);
    assert_eq!(read!(store, users_of_resource("docs/1", None, 99)).len(), 1);
}

async fn of_many_that_promote_a_signing_key_exactly_one_does(database: Database) {
    let store = database.store;
    for (kid, state) in [("old", SigningKeyState::Active), ("new", SigningKeyState::Next)] {
        assert!(write!(store, insert_signing_key(&fixtures::signing_key(kid, "EdDSA", state))));
    }
    let won = successes!(20, store, |store, _n| {
        let mut tx = store.begin().await.unwrap();
        tx.queries().retire_signing_key("EdDSA", NOW, NOW.plus_secs(9)).await.unwrap();
        let is_first = tx.queries().activate_signing_key("new").await.unwrap();
        if is_first {
            tx.commit().await.unwrap();
        }
        is_first
    });
    assert_eq!(won, 1);
    let states: Vec<_> = read!(store, signing_keys()).into_iter().map(|key| (key.kid, key.state)).collect();
    let expected = [("new", SigningKeyState::Active), ("old", SigningKeyState::Retired)];
    assert_eq!(
        states,
        expected.map(|(kid, state)| (kid.to_owned(), state)),
        "the new one is not retired by those who are late"
    );
}

async fn an_invite_is_used_exactly_once(database: Database) {
    let store = database.store;
    write!(store, insert_invite(&fixtures::invite("inv_1")));
    let won = successes!(50, store, |store, _n| write!(store, consume_invite("inv_1", NOW)).is_some());
    assert_eq!(won, 1);
}

async fn of_many_creators_exactly_one_creates(database: Database) {
    let store = database.store;
    let won = successes!(20, store, |store, n| write!(store, create_meta("account", &n.to_string())));
    assert_eq!(won, 1);
}

async fn readers_do_not_wait_for_a_writer(database: Database) {
    let store = database.store;
    let mut transaction = store.begin().await.unwrap();
    transaction.queries().set_meta("a", "1").await.unwrap();
    assert_eq!(read!(store, meta("a")), None);
    transaction.commit().await.unwrap();
    assert_eq!(read!(store, meta("a")).as_deref(), Some("1"));
}
