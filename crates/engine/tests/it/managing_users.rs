//! Users as those see them who manage them.

use std::collections::BTreeSet;

use portcullis::apply::{Verb, apply};
use portcullis::{Error, PageRequest, user, user_pool};
use portcullis_types::sign_in::UserState;
use serde_json::{Value, json};

use crate::bed::{Bed, is_refused, on_both, sender, user as person, within_a_second};
use crate::make::body;
use crate::people::{GOOD, OTHER, is_wrong, log_in, log_in_at, mailing, mails, registered, status};

on_both!(
    se_05_a_disabled_user_is_out_everywhere_within_a_second,
    se_05_a_deleted_user_is_out_everywhere_and_the_address_is_free,
    users_are_listed_by_pool_state_and_text,
    w_32_no_view_of_a_user_holds_a_hash,
    who_may_not_manage_users_does_not_learn_of_them,
    hashes_of_other_systems_are_taken_over_once,
    apply_sets_pools_states_and_addresses,
);

async fn se_05_a_disabled_user_is_out_everywhere_within_a_second(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let alice = registered(here, "alice@example.org").await;
    let tokens = log_in(here, "alice@example.org", GOOD).await.unwrap();
    let (session, minted) = (tokens.access_token.expose(), bed.mint(&alice.user_id).await.token);
    for node in [here, there] {
        assert!(sender(node, session).await.is_ok() && sender(node, &minted).await.is_ok());
    }
    user::disable(here, &bed.owner, &alice.user_id).await.unwrap();
    assert!(is_refused(&sender(here, session).await) && is_refused(&sender(here, &minted).await), "at once");
    within_a_second("disabled", async || {
        is_refused(&sender(there, session).await) && is_refused(&sender(there, &minted).await)
    })
    .await;
    assert!(is_wrong(&log_in(there, "alice@example.org", GOOD).await));
    user::disable(here, &bed.owner, &alice.user_id).await.unwrap();
    assert_eq!(status(&bed, &alice.user_id).await.user.state, UserState::Disabled);
    user::enable(there, &bed.owner, &alice.user_id).await.unwrap();
    let again = log_in(here, "alice@example.org", GOOD).await.unwrap();
    assert!(sender(here, again.access_token.expose()).await.is_ok());
    assert!(
        is_refused(&sender(here, session).await) && is_refused(&sender(here, &minted).await),
        "not revived"
    );
    let absent = user::disable(here, &bed.owner, "absent").await;
    assert!(matches!(absent, Err(Error::NotFound(_))), "{absent:?}");
}

async fn se_05_a_deleted_user_is_out_everywhere_and_the_address_is_free(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let alice = registered(here, "alice@example.org").await;
    let tokens = log_in(here, "alice@example.org", GOOD).await.unwrap();
    let (session, minted) = (tokens.access_token.expose(), bed.mint(&alice.user_id).await.token);
    assert!(sender(there, session).await.is_ok() && sender(there, &minted).await.is_ok());
    user::delete(here, &bed.owner, &alice.user_id).await.unwrap();
    assert!(is_refused(&sender(here, session).await) && is_refused(&sender(here, &minted).await), "at once");
    within_a_second("deleted", async || {
        is_refused(&sender(there, session).await) && is_refused(&sender(there, &minted).await)
    })
    .await;
    assert!(is_wrong(&log_in(here, "alice@example.org", GOOD).await));
    for table in ["pc_user", "pc_user_identifier", "pc_password"] {
        assert_eq!(bed.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
    let next = registered(here, "alice@example.org").await;
    assert_ne!(next.user_id, alice.user_id);
    assert!(is_refused(&sender(here, session).await));
}

async fn users_are_listed_by_pool_state_and_text(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    user_pool::put(node, owner, "shop", body(json!({}))).await.unwrap();
    for (id, pool) in [("a1", "main"), ("a2", "main"), ("a3", "main"), ("b1", "shop")] {
        let email = format!("{id}@example.org");
        user::create(node, owner, body(json!({"userId": id, "email": email, "pool": pool}))).await.unwrap();
    }
    user::disable(node, owner, "a2").await.unwrap();
    let ids = async |pool: &str, state, filter: Option<&str>| {
        let mut request = PageRequest { filter: filter.map(str::to_owned), ..PageRequest::first(1) };
        let mut ids = Vec::new();
        loop {
            let page = user::list_in_pool(node, owner, pool, state, request.clone()).await.unwrap();
            ids.extend(page.items.into_iter().map(|user| user.user_id));
            match page.next {
                Some(next) => request.cursor = Some(next),
                None => return ids,
            }
        }
    };
    assert_eq!(ids("main", None, None).await, ["a1", "a2", "a3"]);
    assert_eq!(ids("main", Some(UserState::Active), None).await, ["a1", "a3"]);
    assert_eq!(ids("main", Some(UserState::Disabled), None).await, ["a2"]);
    assert_eq!(ids("main", None, Some("A3@EXAMPLE")).await, ["a3"]);
    assert_eq!(ids("shop", None, None).await, ["b1"]);
    let absent = user::list_in_pool(node, owner, "absent", None, PageRequest::default()).await;
    assert!(matches!(absent, Err(Error::NotFound(_))), "{absent:?}");
    let pools = user_pool::list(node, owner, PageRequest::default()).await.unwrap();
    assert_eq!(pools.items.iter().map(|pool| pool.pool_id.as_str()).collect::<Vec<_>>(), ["main", "shop"]);
}

async fn w_32_no_view_of_a_user_holds_a_hash(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    let alice = registered(node, "alice@example.org").await;
    let tokens = log_in(node, "alice@example.org", GOOD).await.unwrap();
    let hash = bed.store.read().await.unwrap().queries().password(&alice.user_id).await.unwrap().unwrap();
    assert!(!format!("{hash:?}").contains("argon2"));
    let views = [
        json!(user::show(node, owner, &alice.user_id).await.unwrap()),
        json!(user::list(node, owner, PageRequest::default()).await.unwrap().items),
        json!(user::list_in_pool(node, owner, "main", None, PageRequest::default()).await.unwrap().items),
        json!(status(&bed, &alice.user_id).await),
        json!(tokens),
    ];
    for view in views {
        let view = view.to_string();
        assert!(!view.contains("argon2") && !view.contains("herons") && view.contains("alice@"), "{view}");
    }
    let seen = status(&bed, &alice.user_id).await;
    assert_eq!((seen.password_set_at, seen.failures), (Some(alice.created_at), 0));
}

async fn who_may_not_manage_users_does_not_learn_of_them(bed: Bed) {
    let (node, mallory) = (&bed.portcullis, person("mallory"));
    let alice = registered(node, "alice@example.org").await;
    for id in [alice.user_id.as_str(), "absent"] {
        let answers = [
            user::disable(node, &mallory, id).await,
            user::enable(node, &mallory, id).await,
            user::start_reset(node, &mallory, id).await,
            user::delete(node, &mallory, id).await,
            user::sign_in_status(node, &mallory, id).await.map(drop),
        ];
        for answer in answers {
            assert!(matches!(answer, Err(Error::NotFound("user"))), "{id}: {answer:?}");
        }
    }
    let listed = user::list_in_pool(node, &mallory, "main", None, PageRequest::default()).await;
    assert!(matches!(listed, Err(Error::Forbidden { .. })), "{listed:?}");
    let pool = user_pool::put(node, &mallory, "main", body(json!({}))).await;
    assert!(matches!(pool, Err(Error::NotFound(_))), "{pool:?}");
    log_in(node, "alice@example.org", GOOD).await.unwrap();
}

async fn applied(bed: &Bed, document: Value) -> portcullis::Result<Vec<(Verb, String)>> {
    let done = apply(&bed.portcullis, &bed.owner, body(document), false).await?;
    Ok(done.into_iter().map(|one| (one.verb, one.id)).collect())
}

async fn hashes_of_other_systems_are_taken_over_once(bed: Bed) {
    let node = &bed.portcullis;
    let of_bcrypt = bcrypt::hash(GOOD, 4).unwrap();
    let users = |hash: &str| json!({"users": [{"userId": "alice", "email": "alice@example.org", "emailVerified": true, "passwordHash": hash}]});
    assert_eq!(applied(&bed, users(&of_bcrypt)).await.unwrap(), [(Verb::Create, "alice".to_owned())]);
    assert!(is_wrong(&log_in(node, "alice@example.org", OTHER).await));
    assert!(log_in(node, "alice@example.org", GOOD).await.unwrap().user.email_verified);
    let stored = bed.store.read().await.unwrap().queries().password("alice").await.unwrap().unwrap();
    assert!(stored.hash.expose().starts_with("$argon2id$"), "au_20");
    let unchanged = [(Verb::Unchanged, "alice".to_owned())];
    assert_eq!(applied(&bed, users(&bcrypt::hash(OTHER, 4).unwrap())).await.unwrap(), unchanged);
    log_in(node, "alice@example.org", GOOD).await.expect("the password that there is stays");
    match applied(&bed, users("md5$x")).await {
        Err(Error::Invalid(refused)) => assert_eq!(refused.field, "users[0].passwordHash"),
        other => panic!("{other:?}"),
    }
}

async fn apply_sets_pools_states_and_addresses(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    let done = applied(
        &bed,
        json!({
            "userPools": [{"poolId": "shop", "registration": "open", "requireVerifiedEmail": true}],
            "users": [
                {"userId": "a", "email": "a@example.org", "pool": "shop", "passwordHash": bcrypt::hash(GOOD, 4).unwrap()},
                {"userId": "b", "email": "A@example.org", "disabled": true},
            ],
        }),
    )
    .await
    .unwrap();
    let verbs: BTreeSet<String> = done.iter().map(|(verb, id)| format!("{verb:?} {id}")).collect();
    assert_eq!(verbs.into_iter().collect::<Vec<_>>(), ["Create a", "Create b", "Create shop"]);
    assert_eq!(status(&bed, "b").await.user.state, UserState::Disabled);
    let unproven = log_in_at(&node, "shop", "a@example.org", GOOD).await;
    assert!(matches!(unproven, Err(Error::EmailNotVerified)), "{unproven:?}");
    let taken = json!({"users": [{"userId": "c", "email": "a@EXAMPLE.org"}]});
    assert!(matches!(applied(&bed, taken).await, Err(Error::EmailTaken)));
    let no_pool = json!({"users": [{"userId": "c", "pool": "absent"}]});
    assert!(matches!(applied(&bed, no_pool).await, Err(Error::Invalid(_))));
    let moved = json!({"users": [{"userId": "a", "email": "new@example.org", "emailVerified": true}, {"userId": "b", "email": "A@example.org"}]});
    let done = apply(&node, &bed.owner, body(moved), false).await.unwrap();
    assert_eq!(done.iter().map(|one| one.verb).collect::<Vec<_>>(), [Verb::Update, Verb::Unchanged]);
    for address in ["a@example.org", "new@example.org"] {
        assert!(mails(&inbox, address, 1).await[0].contains("address was changed"), "au_15");
    }
    assert!(is_wrong(&log_in_at(&node, "shop", "a@example.org", GOOD).await));
    log_in_at(&node, "shop", "new@example.org", GOOD).await.unwrap();
    assert_eq!(status(&bed, "b").await.user.state, UserState::Disabled, "what is not named is left alone");
    let enabled = json!({"users": [{"userId": "b", "email": "A@example.org", "disabled": false}]});
    assert_eq!(applied(&bed, enabled).await.unwrap()[0].0, Verb::Update);
    assert_eq!(status(&bed, "b").await.user.state, UserState::Active);
}
