//! Who is let in by address and password, and how often one may be wrong.

use portcullis::session::Device;
use portcullis::{Error, HashCost, Portcullis, user, user_pool};
use portcullis_types::sign_in::UserPoolBody;
use portcullis_types::{Guard as _, GuardRequest};
use serde_json::json;
use tokio::task::JoinSet;

use crate::bed::{Bed, on_both};
use crate::make::body;
use crate::people::{GOOD, WRONG, field, is_wrong, log_in, log_in_at, nobody, register, registered, status};
use crate::sessions::{access_token, is_good, refresh, refresh_token, session_id};

on_both!(
    se_01_each_sign_in_is_a_session_of_its_own_and_revives_none,
    au_25_a_session_says_how_and_when_it_was_proven,
    w_14_w_41_every_spelling_of_an_address_is_one_person_known_by_id,
    au_09_w_28_what_is_wrong_is_not_told_and_costs_the_same,
    au_07_the_right_password_does_not_open_a_locked_account,
    au_07_of_500_parallel_wrong_passwords_ten_are_looked_at_over_two_nodes,
    au_07_an_address_that_nobody_has_is_locked_like_any_other,
    au_07_locks_grow_and_the_hundredth_failure_in_a_row_is_the_last,
    parallel_right_passwords_are_all_let_in,
    what_was_not_looked_at_for_want_of_room_counts_nothing_and_leaves_no_row,
    au_20_a_hash_of_another_cost_is_replaced_at_login,
    an_address_must_be_proven_where_the_pool_asks_for_it,
    a_person_of_one_pool_is_nobody_in_another,
    what_cannot_be_credentials_is_refused_before_anything_is_computed,
    az_13_failures_are_in_the_audit_trail_without_a_secret,
);

async fn w_14_w_41_every_spelling_of_an_address_is_one_person_known_by_id(bed: Bed) {
    let node = &bed.portcullis;
    let made = registered(node, "Kate.İ@Example.ORG").await;
    assert!(made.user_id.starts_with("usr_"), "{}", made.user_id);
    for email in [
        "Kate.İ@Example.ORG",
        "kate.i\u{307}@example.org",
        "\u{212a}ATE.İ@EXAMPLE.org",
        "ｋate.İ@example．org",
    ] {
        let tokens = log_in(node, email, GOOD).await.unwrap();
        assert_eq!(tokens.user.id, made.user_id, "{email}");
        assert_eq!(tokens.user.email.as_deref(), Some("Kate.İ@Example.ORG"));
    }
    for email in ["kate.i@example.org", "kate.ı@example.org", "k\u{430}te.İ@example.org"] {
        assert!(is_wrong(&log_in(node, email, GOOD).await), "{email}");
    }
}

async fn au_09_w_28_what_is_wrong_is_not_told_and_costs_the_same(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    registered(node, "alice@example.org").await;
    let disabled = registered(node, "bob@example.org").await;
    user::disable(node, owner, &disabled.user_id).await.unwrap();
    let without = body(json!({"userId": "carl", "email": "carl@example.org"}));
    user::create(node, owner, without).await.unwrap();
    let cases = [
        ("alice@example.org", WRONG),
        ("nobody@example.org", GOOD),
        ("bob@example.org", GOOD),
        ("carl@example.org", GOOD),
    ];
    for (email, password) in cases {
        let hashed = node.password_work().hashed;
        let answer = log_in(node, email, password).await;
        assert!(is_wrong(&answer), "{email}: {answer:?}");
        assert_eq!(node.password_work().hashed, hashed + 1, "{email}");
    }
    let rows = bed.number("SELECT COUNT(*) FROM pc_sign_in_attempt WHERE failed = 1").await;
    assert_eq!(rows, 4, "a row each, whether or not there is somebody");
}

async fn au_07_the_right_password_does_not_open_a_locked_account(bed: Bed) {
    let node = &bed.portcullis;
    let alice = registered(node, "alice@example.org").await;
    for _ in 0..10 {
        assert!(is_wrong(&log_in(node, "alice@example.org", WRONG).await));
    }
    let hashed = node.password_work().hashed;
    let locked = |answer, expected| match answer {
        Err(Error::TooManyAttempts { retry_after_secs }) => assert_eq!(retry_after_secs, expected),
        other => panic!("{other:?}"),
    };
    locked(log_in(node, "ALICE@example.org", GOOD).await, 900);
    bed.clock.forward(899);
    locked(log_in(node, "alice@example.org", GOOD).await, 1);
    assert_eq!(node.password_work().hashed, hashed, "nothing is looked at during the lock");
    assert_eq!(status(&bed, &alice.user_id).await.failures, 10);
    bed.clock.forward(1);
    log_in(node, "alice@example.org", GOOD).await.unwrap();
    let after = status(&bed, &alice.user_id).await;
    assert_eq!((after.failures, after.locked_until), (0, None), "a success resets");
    for _ in 0..9 {
        assert!(is_wrong(&log_in(node, "alice@example.org", WRONG).await));
    }
    log_in(node, "alice@example.org", GOOD).await.unwrap();
}

/// How many of `count` parallel wrong passwords were looked at, and how many were locked out.
async fn flood(nodes: &[&Portcullis], email: &str, count: usize) -> (usize, usize) {
    let mut tasks = JoinSet::new();
    for n in 0..count {
        let (node, email) = (nodes[n % nodes.len()].clone(), email.to_owned());
        tasks.spawn(async move { log_in(&node, &email, WRONG).await });
    }
    let (mut wrong, mut locked) = (0, 0);
    while let Some(answer) = tasks.join_next().await {
        match answer.unwrap() {
            Err(Error::InvalidCredentials) => wrong += 1,
            Err(Error::TooManyAttempts { .. }) => locked += 1,
            other => panic!("{other:?}"),
        }
    }
    (wrong, locked)
}

async fn au_07_of_500_parallel_wrong_passwords_ten_are_looked_at_over_two_nodes(bed: Bed) {
    let (here, there) = (&bed.portcullis, &bed.node("b").await);
    let alice = registered(here, "alice@example.org").await;
    let before = here.password_work().hashed + there.password_work().hashed;
    assert_eq!(flood(&[here, there], "alice@example.org", 500).await, (10, 490));
    assert_eq!(here.password_work().hashed + there.password_work().hashed, before + 10);
    let after = status(&bed, &alice.user_id).await;
    assert_eq!(after.failures, 10);
    assert_eq!(after.locked_until, Some(here.now().plus_secs(900)));
    assert_eq!(
        bed.number("SELECT CAST(COALESCE(SUM(undecided), 0) AS BIGINT) FROM pc_sign_in_attempt").await,
        0
    );
}

async fn what_was_not_looked_at_for_want_of_room_counts_nothing_and_leaves_no_row(bed: Bed) {
    let narrow = bed.node_with("narrow", |settings| {
        settings.passwords.cost = HashCost { memory_kib: 1_024, iterations: 10, parallelism: 1 };
        settings.passwords.queue = 1;
    });
    let narrow = narrow.await;
    let mut tasks = JoinSet::new();
    for n in 0..12 {
        let node = narrow.clone();
        tasks.spawn(async move { log_in(&node, &format!("nobody{n}@example.org"), WRONG).await });
    }
    let answers = tasks.join_all().await;
    let busy = answers.iter().filter(|answer| matches!(answer, Err(Error::Busy { .. }))).count();
    let wrong = answers.iter().filter(|answer| is_wrong(answer)).count();
    assert!(busy > 0 && busy + wrong == 12, "{answers:?}");
    let rows =
        async |which: &str| bed.number(&format!("SELECT COUNT(*) FROM pc_sign_in_attempt {which}")).await;
    let looked_at = i64::try_from(wrong).unwrap();
    assert_eq!((rows("").await, rows("WHERE failed = 1 AND undecided = 0").await), (looked_at, looked_at));
}

async fn au_07_an_address_that_nobody_has_is_locked_like_any_other(bed: Bed) {
    let node = &bed.portcullis;
    registered(node, "alice@example.org").await;
    let mut answers = Vec::new();
    for email in ["alice@example.org", "nobody@example.org"] {
        let hashed = node.password_work().hashed;
        let counts = flood(&[node], email, 60).await;
        let then = format!("{:?}", log_in(node, email, GOOD).await.unwrap_err());
        answers.push((counts, then, node.password_work().hashed - hashed));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].0, (10, 50));
}

async fn au_07_locks_grow_and_the_hundredth_failure_in_a_row_is_the_last(bed: Bed) {
    let node = &bed.portcullis;
    let alice = registered(node, "alice@example.org").await;
    let hashed = node.password_work().hashed;
    let mut locks = Vec::new();
    for _ in 0..111 {
        match log_in(node, "alice@example.org", WRONG).await {
            Err(Error::InvalidCredentials) => {}
            Err(Error::TooManyAttempts { retry_after_secs }) => {
                locks.push(retry_after_secs);
                bed.clock.forward(retry_after_secs.into());
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(locks[..3], [900, 1_800, 3_600]);
    assert_eq!(locks[9..], [2_592_000, 2_592_000], "after a hundred");
    assert_eq!(node.password_work().hashed, hashed + 100);
    assert_eq!(status(&bed, &alice.user_id).await.failures, 100);
}

async fn parallel_right_passwords_are_all_let_in(bed: Bed) {
    let (here, there) = (bed.portcullis.clone(), bed.node("b").await);
    registered(&here, "alice@example.org").await;
    let mut tasks = JoinSet::new();
    for n in 0..50 {
        let node = if n % 2 == 0 { here.clone() } else { there.clone() };
        tasks.spawn(async move { log_in(&node, "alice@example.org", GOOD).await.map(drop) });
    }
    for answer in tasks.join_all().await {
        answer.unwrap();
    }
}

async fn au_20_a_hash_of_another_cost_is_replaced_at_login(bed: Bed) {
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    let dearer = HashCost { memory_kib: 16, iterations: 2, parallelism: 1 };
    let other = bed.node_with("b", |settings| settings.passwords.cost = dearer).await;
    let stored = async || {
        let stored = bed.store.read().await.unwrap().queries().password(&alice.user_id).await.unwrap();
        stored.unwrap().hash.into_inner()
    };
    let before = stored().await;
    assert!(before.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{before}");
    assert!(is_wrong(&log_in(&other, "alice@example.org", WRONG).await));
    assert_eq!(stored().await, before, "only the right password replaces it");
    log_in(&other, "alice@example.org", GOOD).await.unwrap();
    let after = stored().await;
    assert!(after.starts_with("$argon2id$v=19$m=16,t=2,p=1$"), "{after}");
    log_in(&other, "alice@example.org", GOOD).await.unwrap();
    assert_eq!(stored().await, after, "once");
}

async fn an_address_must_be_proven_where_the_pool_asks_for_it(bed: Bed) {
    let node = &bed.portcullis;
    let alice = registered(node, "alice@example.org").await;
    log_in(node, "alice@example.org", GOOD).await.unwrap();
    let strict = UserPoolBody { require_verified_email: Some(true), ..UserPoolBody::default() };
    user_pool::put(node, &bed.owner, "main", strict).await.unwrap();
    assert!(is_wrong(&log_in(node, "alice@example.org", WRONG).await));
    let right = log_in(node, "alice@example.org", GOOD).await;
    assert!(matches!(right, Err(Error::EmailNotVerified)), "{right:?}");
    assert_eq!(status(&bed, &alice.user_id).await.failures, 0, "it was the right password");
    bed.execute("UPDATE pc_user SET email_verified = 1").await;
    assert!(log_in(node, "alice@example.org", GOOD).await.unwrap().user.email_verified);
}

async fn a_person_of_one_pool_is_nobody_in_another(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    user_pool::put(node, owner, "shop", body(json!({"registration": "open"}))).await.unwrap();
    let here = registered(node, "alice@example.org").await;
    assert!(is_wrong(&log_in_at(node, "shop", "alice@example.org", GOOD).await));
    assert!(is_wrong(&log_in_at(node, "absent", "alice@example.org", GOOD).await));
    let there = json!({"email": "alice@example.org", "password": GOOD, "pool": "shop"});
    portcullis::sign_in::register(node, &nobody(), body(there)).await.unwrap();
    let tokens = log_in_at(node, "shop", "alice@example.org", GOOD).await.unwrap();
    assert_ne!(tokens.user.id, here.user_id);
    assert_eq!(field(log_in_at(node, "no pool", "alice@example.org", GOOD).await), "pool");
}

async fn what_cannot_be_credentials_is_refused_before_anything_is_computed(bed: Bed) {
    let node = &bed.portcullis;
    let long = "x".repeat(1 << 20);
    assert_eq!(field(log_in(node, "alice@example.org", &long).await), "password");
    assert_eq!(field(log_in(node, &long, GOOD).await), "email");
    for email in ["", "alice", "a@b@c", "a b@c.d", "a\0@b.c", "a@b.c\r\nX: y"] {
        assert_eq!(field(log_in(node, email, GOOD).await), "email", "{email:?}");
        assert_eq!(field(register(node, email).await), "email", "{email:?}");
    }
    assert_eq!(node.password_work().hashed, 0);
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_sign_in_attempt").await, 0);
}

async fn az_13_failures_are_in_the_audit_trail_without_a_secret(bed: Bed) {
    let node = &bed.portcullis;
    let alice = registered(node, "alice@example.org").await;
    for _ in 0..10 {
        log_in(node, "alice@example.org", WRONG).await.unwrap_err();
    }
    log_in(node, "nobody@example.org", WRONG).await.unwrap_err();
    let failed = "SELECT COUNT(*) FROM pc_audit WHERE action = 'sign_in' AND outcome = 'refused'";
    assert_eq!(bed.number(failed).await, 11);
    let of_alice = format!("{failed} AND target = '{}'", alice.user_id);
    assert_eq!(bed.number(&of_alice).await, 10);
    assert_eq!(bed.number(&format!("{of_alice} AND detail LIKE 'locked until %'")).await, 1);
    let secrets = "SELECT COUNT(*) FROM pc_audit WHERE COALESCE(detail, '') || target || actor LIKE '%geese%' \
         OR COALESCE(detail, '') || target || actor LIKE '%@example.org%'";
    assert_eq!(bed.number(secrets).await, 0);
}

async fn se_01_each_sign_in_is_a_session_of_its_own_and_revives_none(bed: Bed) {
    let node = &bed.portcullis;
    registered(node, "alice@example.org").await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        let body = log_in(node, "alice@example.org", GOOD).await.unwrap();
        let id = session_id(node, &body).await;
        assert!(seen.iter().all(|(earlier, _)| *earlier != id), "{id}");
        seen.push((id, body));
    }
    // What was ended is dead, whoever presents it, also after the next sign-in.
    let (_, ended) = seen.remove(0);
    portcullis::session::log_out(node, Device::default(), refresh_token(&ended)).await.unwrap();
    let again = log_in(node, "alice@example.org", GOOD).await.unwrap();
    assert!(!is_good(node, &ended).await && is_good(node, &again).await);
    assert!(refresh(node, refresh_token(&ended)).await.is_err());
    assert!(refresh(node, access_token(&ended)).await.is_err());
    for (_, other) in &seen {
        assert!(is_good(node, other).await, "the other devices go on");
    }
}

async fn au_25_a_session_says_how_and_when_it_was_proven(bed: Bed) {
    let node = &bed.portcullis;
    registered(node, "alice@example.org").await;
    let signed_in_at = node.now();
    let body = log_in(node, "alice@example.org", GOOD).await.unwrap();
    bed.clock.forward(600);
    // A refresh proves nothing anew.
    let body = refresh(node, refresh_token(&body)).await.unwrap();
    let who = node.check(GuardRequest::who(body.access_token.expose())).await;
    let context = who.context.unwrap();
    let session = context.session.as_ref().unwrap();
    assert_eq!((session.amr.as_slice(), session.auth_time), (&["pwd".to_owned()][..], signed_in_at));
}
