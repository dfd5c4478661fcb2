use portcullis_store::{KeyInsert, SigningKeyRow, SigningKeyState};
use portcullis_types::authress::{RequestStatus, ResourceAction};

use crate::fixtures::{self, NOW, signing_key};
use crate::support::{Database, on_both, read, write};

on_both![
    meta_is_created_once_and_set_at_any_time,
    signing_keys_are_listed_oldest_first_and_keep_their_bytes,
    one_key_of_an_algorithm_signs_and_one_waits,
    signing_keys_take_turns,
    a_role_is_read_back_as_it_was_written,
    a_group_is_read_back_with_its_members_and_admins_as_rows,
    a_resource_configuration_replaces_the_one_before,
    a_request_is_read_back_in_its_newest_state,
    an_invite_is_consumed_once_and_not_after_its_expiry,
    a_client_is_deleted_with_its_keys,
    a_client_never_has_more_keys_than_it_may,
    a_user_may_be_put_over_another,
    a_token_is_revoked_once_and_only_by_its_user,
    every_token_of_a_user_is_revoked_at_once,
    revoked_tokens_are_listed_until_they_expire,
    a_dropped_transaction_leaves_nothing,
    a_view_does_not_see_what_is_committed_after_its_first_read,
    a_view_refuses_to_write,
];

async fn meta_is_created_once_and_set_at_any_time(database: Database) {
    let store = database.store;
    assert!(write!(store, create_meta("account", "a")));
    assert!(!write!(store, create_meta("account", "b")));
    assert_eq!(read!(store, meta("account")).as_deref(), Some("a"));
    write!(store, set_meta("account", "c"));
    write!(store, set_meta("other", "d"));
    assert_eq!(read!(store, meta("account")).as_deref(), Some("c"));
    assert_eq!(read!(store, meta("other")).as_deref(), Some("d"));
    assert_eq!(read!(store, meta("absent")), None);
}

async fn signing_keys_are_listed_oldest_first_and_keep_their_bytes(database: Database) {
    let store = database.store;
    let old = signing_key("z", "EdDSA", SigningKeyState::Active);
    let new =
        SigningKeyRow { created_at: NOW.plus_secs(1), ..signing_key("a", "RS256", SigningKeyState::Next) };
    assert!(write!(store, insert_signing_key(&new)));
    assert!(write!(store, insert_signing_key(&old)));
    assert!(!write!(store, insert_signing_key(&signing_key("a", "ES256", SigningKeyState::Active))));
    assert_eq!(read!(store, signing_keys()), [old, new]);
}

async fn one_key_of_an_algorithm_signs_and_one_waits(database: Database) {
    let store = database.store;
    let insert = [
        ("e1", "EdDSA", SigningKeyState::Active, true),
        ("e2", "EdDSA", SigningKeyState::Active, false),
        ("e3", "EdDSA", SigningKeyState::Next, true),
        ("e4", "EdDSA", SigningKeyState::Next, false),
        ("r1", "RS256", SigningKeyState::Active, true),
        ("e0", "EdDSA", SigningKeyState::Retired, true),
    ];
    for (kid, algorithm, state, added) in insert {
        let key = signing_key(kid, algorithm, state);
        assert_eq!(write!(store, insert_signing_key(&key)), added, "{kid}");
    }
}

async fn signing_keys_take_turns(database: Database) {
    let store = database.store;
    let (at, until) = (NOW.plus_secs(9), NOW.plus_secs(99));
    for (kid, state) in [("old", SigningKeyState::Active), ("new", SigningKeyState::Next)] {
        assert!(write!(store, insert_signing_key(&signing_key(kid, "EdDSA", state))));
    }
    assert!(!write!(store, retire_signing_key("ES256", at, until)), "of another algorithm");
    assert!(!write!(store, activate_signing_key("old")), "not next");
    assert!(!write!(store, delete_expired_signing_key("old", until)), "not retired");
    assert!(write!(store, retire_signing_key("EdDSA", at, until)));
    assert!(!write!(store, retire_signing_key("EdDSA", at, until)), "once");
    assert!(write!(store, activate_signing_key("new")));
    assert!(!write!(store, activate_signing_key("new")), "once");
    let old = SigningKeyRow {
        retired_at: Some(at),
        expires_at: Some(until),
        ..signing_key("old", "EdDSA", SigningKeyState::Retired)
    };
    let new = signing_key("new", "EdDSA", SigningKeyState::Active);
    assert_eq!(read!(store, signing_keys()), [new.clone(), old]);
    assert!(!write!(store, delete_expired_signing_key("old", until.plus_secs(-1))), "it still verifies");
    assert!(write!(store, delete_expired_signing_key("old", until)));
    assert_eq!(read!(store, signing_keys()), [new]);
    assert!(write!(store, delete_signing_key("new")) && !write!(store, delete_signing_key("new")));
    assert!(read!(store, signing_keys()).is_empty());
}

async fn a_role_is_read_back_as_it_was_written(database: Database) {
    let store = database.store;
    let role = fixtures::role("reader", "Leser");
    assert!(!write!(store, update_role(&role)));
    assert!(write!(store, insert_role(&role)));
    assert!(!write!(store, insert_role(&fixtures::role("reader", "other"))));
    assert_eq!(read!(store, role("reader")), Some(role));
    let changed = fixtures::role("reader", "Reader");
    assert!(write!(store, update_role(&changed)));
    assert_eq!(read!(store, role("reader")), Some(changed));
    assert!(write!(store, delete_role("reader")));
    assert!(!write!(store, delete_role("reader")));
    assert_eq!(read!(store, role("reader")), None);
}

async fn a_group_is_read_back_with_its_members_and_admins_as_rows(database: Database) {
    let store = database.store;
    let group = fixtures::group("grp_1", &["bob", "Authress:ServiceClients/sc_1", "bob"]);
    assert!(!write!(store, update_group(&group)));
    assert!(write!(store, insert_group(&group)));
    assert!(!write!(store, insert_group(&group)));
    assert_eq!(read!(store, group("grp_1")), Some(group.clone()));
    assert_eq!(write!(store, group_for_update("grp_1")), Some(group));
    assert_eq!(read!(store, members_of("grp_1")), ["bob", "sc_1"]);
    assert_eq!(read!(store, groups_of("sc_1")), ["grp_1"]);

    let smaller = fixtures::group("grp_1", &["alice"]);
    assert!(write!(store, update_group(&smaller)));
    assert_eq!(read!(store, members_of("grp_1")), ["alice"]);
    assert!(read!(store, groups_of("bob")).is_empty());
    assert!(write!(store, delete_group("grp_1")));
    assert!(!write!(store, delete_group("grp_1")));
    assert!(read!(store, groups_of("alice")).is_empty());
    assert_eq!(read!(store, group("grp_1")), None);
}

async fn a_resource_configuration_replaces_the_one_before(database: Database) {
    let store = database.store;
    for uri in ["", "docs", "files"] {
        write!(store, put_resource_config(&fixtures::config(uri, ResourceAction::Public, true)));
    }
    assert_eq!(read!(store, public_resources(None, 9)), ["", "docs", "files"]);
    assert_eq!(read!(store, public_resources(Some(""), 1)), ["docs"]);
    let claim = fixtures::config("docs", ResourceAction::Claim, true);
    write!(store, put_resource_config(&claim));
    assert_eq!(read!(store, resource_config("docs")), Some(claim));
    assert_eq!(read!(store, public_resources(None, 9)), ["", "files"]);
    assert_eq!(read!(store, resource_config("docs/1")), None);
}

async fn a_request_is_read_back_in_its_newest_state(database: Database) {
    let store = database.store;
    let mut request = fixtures::request("req_1", "alice", RequestStatus::Open);
    assert!(!write!(store, update_request(&request)));
    assert!(write!(store, insert_request(&request)));
    assert!(!write!(store, insert_request(&request)));
    request.status = RequestStatus::Denied;
    request.updated_at = NOW.plus_secs(1);
    assert!(write!(store, update_request(&request)));
    assert_eq!(write!(store, request_for_update("req_1")), Some(request.clone()));
    assert_eq!(read!(store, request("req_1")), Some(request));
    assert_eq!(read!(store, request("req_2")), None);
}

async fn an_invite_is_consumed_once_and_not_after_its_expiry(database: Database) {
    let store = database.store;
    let invite = fixtures::invite("inv_1");
    assert!(write!(store, insert_invite(&invite)));
    assert!(!write!(store, insert_invite(&invite)));
    assert_eq!(write!(store, consume_invite("inv_1", invite.expires_at)), None);
    assert_eq!(read!(store, invite("inv_1")), Some(invite.clone()));
    assert_eq!(write!(store, consume_invite("inv_1", NOW)), Some(invite));
    assert_eq!(write!(store, consume_invite("inv_1", NOW)), None);
    assert_eq!(read!(store, invite("inv_1")), None);
    assert!(!write!(store, delete_invite("inv_1")));
    assert!(write!(store, insert_invite(&fixtures::invite("inv_2"))));
    assert!(write!(store, delete_invite("inv_2")));
    assert!(!write!(store, delete_invite("inv_2")));
}

async fn a_client_is_deleted_with_its_keys(database: Database) {
    let store = database.store;
    let mut client = fixtures::client("sc_1");
    assert!(!write!(store, update_client(&client)));
    assert!(write!(store, insert_client(&client)));
    assert!(!write!(store, insert_client(&client)));
    client.name = None;
    assert!(write!(store, update_client(&client)));
    assert_eq!(read!(store, client("sc_1")), Some(client));
    let key = fixtures::key("sc_1", "k1");
    assert_eq!(write!(store, insert_access_key(&key, 5)), KeyInsert::Inserted);
    assert_eq!(read!(store, access_key("sc_1", "k1")), Some(key.clone()));
    assert_eq!(read!(store, access_keys("sc_1")), [key]);
    assert!(write!(store, delete_client("sc_1")));
    assert!(!write!(store, delete_client("sc_1")));
    assert_eq!(read!(store, access_key("sc_1", "k1")), None);
}

async fn a_client_never_has_more_keys_than_it_may(database: Database) {
    let store = database.store;
    assert_eq!(write!(store, insert_access_key(&fixtures::key("sc_1", "k0"), 2)), KeyInsert::NoClient);
    write!(store, insert_client(&fixtures::client("sc_1")));
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                write!(store, insert_access_key(&fixtures::key("sc_1", &format!("k{n}")), 2))
            })
        })
        .collect();
    let mut inserted = 0;
    for task in tasks {
        inserted += usize::from(task.await.unwrap() == KeyInsert::Inserted);
    }
    assert_eq!(inserted, 2);
    let keys = read!(store, access_keys("sc_1"));
    assert_eq!(keys.len(), 2);
    assert_eq!(write!(store, insert_access_key(&keys[0], 9)), KeyInsert::Exists);
    assert_eq!(write!(store, insert_access_key(&fixtures::key("sc_1", "new"), 2)), KeyInsert::Full);
    assert!(write!(store, delete_access_key("sc_1", &keys[0].key_id)));
    assert!(!write!(store, delete_access_key("sc_1", &keys[0].key_id)));
    assert_eq!(write!(store, insert_access_key(&fixtures::key("sc_1", "new"), 2)), KeyInsert::Inserted);
}

async fn a_user_may_be_put_over_another(database: Database) {
    let store = database.store;
    let alice = fixtures::user("alice", "Alice");
    assert!(write!(store, insert_user(&alice)));
    assert!(!write!(store, insert_user(&fixtures::user("alice", "other"))));
    assert_eq!(read!(store, user("alice")), Some(alice));
    let renamed = fixtures::user("alice", "Alicia");
    write!(store, put_user(&renamed));
    write!(store, put_user(&fixtures::user("bob", "Bob")));
    assert_eq!(write!(store, user_for_update("alice")), Some(renamed));
    assert!(write!(store, delete_user("alice")));
    assert!(!write!(store, delete_user("alice")));
    assert_eq!(read!(store, user("alice")), None);
    assert!(read!(store, user("bob")).is_some());
}

async fn a_token_is_revoked_once_and_only_by_its_user(database: Database) {
    let store = database.store;
    let token = fixtures::token("t1", "alice", NOW.plus_secs(60));
    assert!(write!(store, insert_token(&token)));
    assert!(!write!(store, insert_token(&token)));
    assert_eq!(read!(store, token("t1")), Some(token.clone()));
    assert!(!write!(store, revoke_token("bob", "t1", NOW)));
    assert!(write!(store, revoke_token("alice", "t1", NOW)));
    assert!(!write!(store, revoke_token("alice", "t1", NOW.plus_secs(1))));
    let mut revoked = token;
    revoked.revoked_at = Some(NOW);
    assert_eq!(read!(store, token("t1")), Some(revoked));
}

async fn every_token_of_a_user_is_revoked_at_once(database: Database) {
    let store = database.store;
    for (id, user) in [("t1", "alice"), ("t2", "alice"), ("t3", "alice"), ("t4", "bob")] {
        write!(store, insert_token(&fixtures::token(id, user, NOW.plus_secs(60))));
    }
    assert!(write!(store, revoke_token("alice", "t2", NOW)));
    let mut revoked = write!(store, revoke_tokens_of("alice", NOW.plus_secs(1)));
    revoked.sort();
    assert_eq!(revoked, ["t1", "t3"]);
    assert_eq!(read!(store, token("t2")).unwrap().revoked_at, Some(NOW));
    assert_eq!(read!(store, token("t4")).unwrap().revoked_at, None);
    assert!(write!(store, revoke_tokens_of("alice", NOW)).is_empty());
}

async fn revoked_tokens_are_listed_until_they_expire(database: Database) {
    let store = database.store;
    for (id, secs) in [("t1", 10), ("t2", 20), ("t3", 30), ("t4", 30)] {
        write!(store, insert_token(&fixtures::token(id, "alice", NOW.plus_secs(secs))));
        if id != "t4" {
            assert!(write!(store, revoke_token("alice", id, NOW)));
        }
    }
    assert_eq!(read!(store, revoked_tokens(None, NOW, 2)), ["t1", "t2"]);
    assert_eq!(read!(store, revoked_tokens(Some("t2"), NOW, 2)), ["t3"]);
    let later = NOW.plus_secs(20);
    assert_eq!(read!(store, revoked_tokens(None, later, 9)), ["t3"]);
    assert_eq!(write!(store, delete_expired_tokens(later, 1)), 1);
    assert_eq!(write!(store, delete_expired_tokens(later, 9)), 1);
    assert_eq!(write!(store, delete_expired_tokens(later, 9)), 0);
    assert!(read!(store, token("t1")).is_none() && read!(store, token("t4")).is_some());
}

async fn a_dropped_transaction_leaves_nothing(database: Database) {
    let store = database.store;
    let mut transaction = store.begin().await.unwrap();
    assert!(transaction.queries().create_meta("a", "1").await.unwrap());
    drop(transaction);
    assert_eq!(read!(store, meta("a")), None);
    assert!(write!(store, create_meta("a", "2")));
}

async fn a_view_does_not_see_what_is_committed_after_its_first_read(database: Database) {
    let store = database.store;
    let mut view = store.read().await.unwrap();
    assert_eq!(view.queries().meta("a").await.unwrap(), None);
    assert!(write!(store, create_meta("a", "1")));
    assert_eq!(view.queries().meta("a").await.unwrap(), None);
    assert_eq!(read!(store, meta("a")).as_deref(), Some("1"));
}

async fn a_view_refuses_to_write(database: Database) {
    let mut view = database.store.read().await.unwrap();
    assert!(view.queries().set_meta("a", "1").await.is_err());
}
