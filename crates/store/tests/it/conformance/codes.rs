//! Authorization codes and consent.

use portcullis_domain::{AuthorizationCode, CodeGrant, Consent};

use crate::fixtures::{self, NOW};
use crate::support::{Database, on_both, read, write};

on_both![
    a_code_is_read_back_as_it_was_written,
    as_08_a_code_is_used_once_and_not_past_its_time,
    as_08_of_fifty_uses_of_a_code_at_once_one_succeeds,
    unused_codes_of_a_user_and_a_client_are_deleted_and_old_ones_a_few_at_once,
    consents_are_kept_for_each_user_client_and_audience,
    consents_are_listed_in_order_and_deleted_by_either_side,
];

async fn a_code_is_read_back_as_it_was_written(database: Database) {
    let store = database.store;
    let full = fixtures::code("ac_1", "alice");
    let granted =
        CodeGrant { challenge: None, nonce: None, claims: Some("{}".to_owned()), ..full.granted.clone() };
    let session_id = Some("ses_9".to_owned());
    let other = AuthorizationCode {
        code_id: "ac_2".to_owned(),
        granted,
        used_at: Some(NOW.plus_micros(7)),
        session_id,
        ..full.clone()
    };
    for code in [&full, &other] {
        assert!(write!(store, insert_code(code)));
        assert_eq!(read!(store, code(&code.code_id)).as_ref(), Some(code));
    }
    assert!(!write!(store, insert_code(&full)));
    assert_eq!(read!(store, code("ac_3")), None);
}

async fn as_08_a_code_is_used_once_and_not_past_its_time(database: Database) {
    let store = database.store;
    let code = fixtures::code("ac_1", "alice");
    write!(store, insert_code(&code));
    assert!(!write!(store, use_code("ac_2", NOW)));
    assert!(!write!(store, use_code("ac_1", code.expires_at)), "its last instant is over");
    let at = code.expires_at.plus_micros(-1);
    assert!(write!(store, use_code("ac_1", at)));
    assert!(!write!(store, use_code("ac_1", NOW)));
    write!(store, put_code_session("ac_1", "ses_9"));
    let used = read!(store, code("ac_1")).unwrap();
    assert_eq!((used.used_at, used.session_id.as_deref()), (Some(at), Some("ses_9")));
}

async fn as_08_of_fifty_uses_of_a_code_at_once_one_succeeds(database: Database) {
    let store = database.store;
    write!(store, insert_code(&fixtures::code("ac_1", "alice")));
    let mut uses = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        uses.spawn(async move { write!(store, use_code("ac_1", NOW)) });
    }
    assert_eq!(uses.join_all().await.into_iter().filter(|used| *used).count(), 1);
}

async fn unused_codes_of_a_user_and_a_client_are_deleted_and_old_ones_a_few_at_once(database: Database) {
    let store = database.store;
    for (id, user) in [("ac_1", "alice"), ("ac_2", "alice"), ("ac_3", "alice"), ("ac_4", "bob")] {
        write!(store, insert_code(&fixtures::code(id, user)));
    }
    write!(store, use_code("ac_1", NOW));
    assert_eq!(write!(store, delete_unused_codes("alice", "other")), 0);
    assert_eq!(write!(store, delete_unused_codes("alice", "shop")), 2);
    assert!(read!(store, code("ac_1")).is_some() && read!(store, code("ac_4")).is_some());
    let expiry = fixtures::code("ac_1", "alice").expires_at;
    assert_eq!(write!(store, delete_past_codes(expiry.plus_micros(-1), 9)), 0);
    assert_eq!(write!(store, delete_past_codes(expiry, 1)), 1);
    assert_eq!(write!(store, delete_past_codes(expiry, 9)), 1);
}

async fn consents_are_kept_for_each_user_client_and_audience(database: Database) {
    let store = database.store;
    let first = fixtures::consent("alice", "shop");
    write!(store, put_consent(&first));
    let scopes = ["email", "openid", "profile"].map(str::to_owned).into();
    let more = Consent { scopes, updated_at: NOW.plus_secs(9), ..first.clone() };
    write!(store, put_consent(&more));
    let other = Consent { audience: "https://other.example.org".to_owned(), ..first.clone() };
    write!(store, put_consent(&other));
    assert_eq!(read!(store, consent("alice", "shop", &first.audience)), Some(more));
    assert_eq!(read!(store, consent("alice", "shop", &other.audience)), Some(other));
    for (user, client, audience) in [
        ("bob", "shop", first.audience.as_str()),
        ("alice", "shop2", &first.audience),
        ("alice", "shop", "https://none.example.org"),
    ] {
        assert_eq!(read!(store, consent(user, client, audience)), None, "{user} {client} {audience}");
    }
}

async fn consents_are_listed_in_order_and_deleted_by_either_side(database: Database) {
    let store = database.store;
    let mut expected = Vec::new();
    for client in ["a", "b", "c"] {
        for audience in ["x", "y"] {
            let consent = Consent { audience: audience.to_owned(), ..fixtures::consent("alice", client) };
            write!(store, put_consent(&consent));
            expected.push(consent);
        }
    }
    write!(store, put_consent(&fixtures::consent("bob", "a")));
    let (mut listed, mut after) = (Vec::<Consent>::new(), (String::new(), String::new()));
    loop {
        let page = read!(store, consents_of("alice", (&after.0, &after.1), 4));
        let Some(last) = page.last() else { break };
        after = (last.client_id.clone(), last.audience.clone());
        listed.extend(page);
    }
    assert_eq!(listed, expected);
    assert_eq!(write!(store, delete_consents("alice", "b")), 2);
    assert_eq!(write!(store, delete_consents_to("a")), 3);
    assert_eq!(write!(store, delete_consents_by("alice")), 2);
    assert_eq!(read!(store, consents_of("alice", ("", ""), 9)), []);
}
