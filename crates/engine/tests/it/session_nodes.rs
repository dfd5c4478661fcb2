//! What one node ends, another refuses within a second: SE-05, TK-01, TK-07, also when nobody announces it; and keys that change.

use std::time::Duration;

use portcullis::session::{self, Device, Presented};
use portcullis::store::{ChangeKind, SigningKeyRow, SigningKeyState};
use portcullis::{Portcullis, jose::SigningKey};
use portcullis_types::auth::TokenBody;
use portcullis_types::authress::UserToken;

use crate::bed::{Bed, START, master_key, on_both, sender, user, within_a_second};
use crate::sessions::{access_token, is_good, person, refresh, refresh_token, session_id, sign_in};

on_both!(
    se_05_tk_07_what_one_node_ends_another_refuses_within_a_second,
    a_token_whose_key_is_gone_is_refused_and_the_new_key_is_known_without_a_restart,
);

/// The ways in which a session of alice's ends.
async fn end(bed: &Bed, way: usize, body: &TokenBody) {
    let node = &bed.portcullis;
    match way {
        0 => session::log_out(node, Device::default(), access_token(body)).await.unwrap(),
        1 => session::log_out(node, Device::default(), refresh_token(body)).await.unwrap(),
        2 => session::log_out_everywhere(node, &user("alice")).await.unwrap(),
        3 => session::end(node, &bed.owner, &session_id(node, body).await).await.unwrap(),
        4 => {
            refresh(node, refresh_token(body)).await.unwrap();
            bed.clock.forward(11);
            refresh(node, refresh_token(body)).await.unwrap_err();
        }
        _ => {
            for _ in 0..10 {
                bed.clock.forward(1);
                sign_in(node, "alice").await;
            }
        }
    }
}

const WAYS: usize = 6;

async fn remembered_by(nodes: [&Portcullis; 2], body: &TokenBody) {
    for node in nodes {
        assert!(is_good(node, body).await);
        assert!(node.remembered(body.access_token.expose()).is_some());
    }
}

async fn se_05_tk_07_what_one_node_ends_another_refuses_within_a_second(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    person(&bed, "alice").await;
    for way in 0..WAYS {
        let body = sign_in(here, "alice").await;
        remembered_by([here, there], &body).await;
        end(&bed, way, &body).await;
        assert!(!is_good(here, &body).await, "{way}: at once");
        within_a_second("the other node", async || !is_good(there, &body).await).await;
        assert!(refresh(there, refresh_token(&body)).await.is_err(), "{way}");
        assert!(refresh(there, access_token(&body)).await.is_err(), "{way}");
    }
}

/// The connections that announce changes are cut each time: the nodes poll.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn se_05_also_when_the_connection_that_announces_it_is_cut() {
    crate::bed::on_postgres(async |url| {
        let bed = Bed::on(url).await;
        let (here, there) = (&bed.portcullis, &bed.node("b").await);
        person(&bed, "alice").await;
        for way in 0..WAYS {
            let body = sign_in(here, "alice").await;
            remembered_by([here, there], &body).await;
            bed.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND query ILIKE 'listen%'",
            )
            .await;
            end(&bed, way, &body).await;
            assert!(!is_good(here, &body).await, "{way}: at once");
            within_a_second("the other node", async || !is_good(there, &body).await).await;
        }
    })
    .await;
}

/// A lock that is held on a session makes nothing of another session wait, and a touch of it neither.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_being_changed_holds_no_other_up() {
    crate::bed::on_postgres(async |url| {
        let bed = Bed::on(url).await;
        let node = &bed.portcullis;
        person(&bed, "alice").await;
        let (held, free) = (sign_in(node, "alice").await, sign_in(node, "alice").await);
        let mut transaction = bed.store.begin().await.unwrap();
        let id = session_id(node, &held).await;
        transaction.queries().session_for_update(&id).await.unwrap();
        let ids = [id, session_id(node, &free).await];
        let touched = async {
            let mut other = bed.store.begin().await.unwrap();
            let touched = other.queries().touch_sessions(&ids, START.plus_secs(70)).await.unwrap();
            other.commit().await.unwrap();
            touched
        };
        assert_eq!(tokio::time::timeout(Duration::from_secs(5), touched).await, Ok(1));
        assert!(refresh(node, refresh_token(&free)).await.is_ok());
        drop(transaction);
        assert!(refresh(node, refresh_token(&held)).await.is_ok());
    })
    .await;
}

async fn a_token_whose_key_is_gone_is_refused_and_the_new_key_is_known_without_a_restart(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    person(&bed, "alice").await;
    let old = sign_in(here, "alice").await;
    let UserToken { token: old_minted, .. } = bed.mint("alice").await;
    remembered_by([here, there], &old).await;
    assert!(sender(there, &old_minted).await.is_ok());
    rotate(&bed).await;
    for node in [here, there] {
        within_a_second("the new keys", async || {
            let refused = !is_good(node, &old).await && sender(node, &old_minted).await.is_err();
            refused && node.jwks().keys.iter().any(|key| key.kid == "key_new") && node.jwks().keys.len() == 1
        })
        .await;
    }
    // Refresh tokens are no JWTs: the session goes on under the new key.
    let presented = Presented { bearer: None, refresh_token: old.refresh_token };
    let new = refresh(there, presented).await.unwrap();
    assert!(is_good(here, &new).await && is_good(there, &new).await);
}

/// Another program replaces the signing key.
async fn rotate(bed: &Bed) {
    let mut transaction = bed.store.begin().await.unwrap();
    let queries = transaction.queries();
    for key in queries.signing_keys().await.unwrap() {
        queries.delete_signing_key(&key.kid).await.unwrap();
    }
    let rng = crate::bed::Seeded::new(77);
    let key = SigningKey::generate("key_new".to_owned(), &rng).unwrap();
    let context = b"portcullis signing key key_new";
    let row = SigningKeyRow {
        kid: "key_new".to_owned(),
        algorithm: "EdDSA".to_owned(),
        state: SigningKeyState::Active,
        sealed: master_key().seal(context, key.private_bytes().expose(), &rng).unwrap(),
        public: key.verifying().public_bytes().to_vec(),
        created_at: START,
        activates_at: None,
        retired_at: None,
        expires_at: None,
    };
    queries.insert_signing_key(&row).await.unwrap();
    let changes = [(ChangeKind::SigningKey, "key_new".to_owned())];
    queries.append_changes(&changes, START, "another program").await.unwrap();
    transaction.commit().await.unwrap();
}
