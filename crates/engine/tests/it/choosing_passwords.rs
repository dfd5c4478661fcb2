//! How people get another password, and what that ends.

use portcullis::session::Device;
use portcullis::{Cx, Error, Portcullis, Result, user};
use portcullis::{browser, sign_in};
use portcullis_types::{AuthError, Caller, Guard};
use serde_json::json;
use tokio::task::JoinSet;

use crate::bed::{Bed, client, cx, is_refused, limited, on_both, sender, within_a_second};
use crate::make::body;
use crate::people::{
    GOOD, OTHER, WRONG, field, is_wrong, log_in, mailing, mails, nobody, registered, status, token,
};

on_both!(
    au_06_a_change_takes_the_present_password_and_ends_the_other_sessions,
    au_08_wrong_present_passwords_count_as_failed_sign_ins,
    only_a_person_with_a_whole_token_changes_a_password,
    au_12_a_reset_link_works_once_of_fifty_times_and_ends_every_session,
    au_12_a_reset_link_dies_of_age_of_the_next_and_of_a_change,
    au_12_a_link_dies_with_the_address_that_it_was_sent_to,
    au_09_a_forgotten_password_tells_nobody_who_is_registered,
    au_23_who_manages_users_starts_a_reset_and_never_knows_the_password,
    a_sign_in_under_way_does_not_survive_a_new_password,
    what_changes_while_a_password_is_computed_counts,
);

/// The caller behind a token.
async fn caller(node: &Portcullis, bearer: &str) -> Cx {
    cx(node.authenticate(bearer).await.unwrap())
}

async fn change(node: &Portcullis, cx: &Cx, current: &str, new: &str) -> Result<()> {
    let change = json!({"current_password": current, "new_password": new});
    sign_in::change_password(node, cx, body(change)).await
}

async fn forgot(node: &Portcullis, email: &str) {
    sign_in::forgot_password(node, &nobody(), body(json!({"email": email}))).await.unwrap();
}

async fn reset(node: &Portcullis, token: &str, new: &str) -> Result<()> {
    sign_in::reset_password(node, &nobody(), body(json!({"token": token, "new_password": new}))).await
}

async fn au_06_a_change_takes_the_present_password_and_ends_the_other_sessions(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    registered(&bed.portcullis, "alice@example.org").await;
    let kept = log_in(&node, "alice@example.org", GOOD).await.unwrap();
    let ended = log_in(&bed.portcullis, "alice@example.org", GOOD).await.unwrap();
    let alice = caller(&node, kept.access_token.expose()).await;
    let bearer = ended.access_token.expose();
    assert!(sender(&node, bearer).await.is_ok() && sender(&bed.portcullis, bearer).await.is_ok());
    assert!(is_wrong(&change(&node, &alice, WRONG, OTHER).await));
    assert_eq!(field(change(&node, &alice, GOOD, "passwordpassword").await), "new_password", "au_05");
    assert_eq!(field(change(&node, &alice, GOOD, "too short").await), "new_password");
    change(&node, &alice, GOOD, OTHER).await.unwrap();
    assert!(is_refused(&sender(&node, bearer).await), "at once here");
    within_a_second("a change", async || is_refused(&sender(&bed.portcullis, bearer).await)).await;
    assert!(sender(&node, kept.access_token.expose()).await.is_ok(), "the session that asked goes on");
    assert!(is_wrong(&log_in(&node, "alice@example.org", GOOD).await));
    log_in(&node, "alice@example.org", OTHER).await.unwrap();
    let told = mails(&inbox, "alice@example.org", 1).await;
    assert!(told[0].contains("password was changed"), "au_15 {told:?}");
}

async fn au_08_wrong_present_passwords_count_as_failed_sign_ins(bed: Bed) {
    let node = &bed.portcullis;
    let user = registered(node, "alice@example.org").await;
    let tokens = log_in(node, "alice@example.org", GOOD).await.unwrap();
    let alice = caller(node, tokens.access_token.expose()).await;
    for n in 0..10 {
        let answer = if n % 2 == 0 {
            change(node, &alice, WRONG, OTHER).await
        } else {
            log_in(node, "alice@example.org", WRONG).await.map(drop)
        };
        assert!(is_wrong(&answer), "{n}: {answer:?}");
    }
    assert_eq!(status(&bed, &user.user_id).await.failures, 10);
    let locked =
        [change(node, &alice, GOOD, OTHER).await, log_in(node, "alice@example.org", GOOD).await.map(drop)];
    for answer in locked {
        assert!(matches!(answer, Err(Error::TooManyAttempts { .. })), "{answer:?}");
    }
}

async fn only_a_person_with_a_whole_token_changes_a_password(bed: Bed) {
    let node = &bed.portcullis;
    let user = registered(node, "alice@example.org").await;
    for cx in [limited(&user.user_id, "tok_1"), client("sc_1"), nobody(), bed.owner.clone()] {
        let answer = change(node, &cx, GOOD, OTHER).await;
        assert!(matches!(answer, Err(Error::Forbidden { .. })), "{:?}: {answer:?}", cx.actor);
    }
    let unknown = cx(Caller::User { user_id: "ghost".into(), limited_by: None, session_id: None });
    assert!(is_wrong(&change(node, &unknown, GOOD, OTHER).await));
}

async fn au_12_a_reset_link_works_once_of_fifty_times_and_ends_every_session(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    let user = registered(&bed.portcullis, "Alice@example.org").await;
    let session = log_in(&node, "alice@example.org", GOOD).await.unwrap();
    let minted = bed.mint(&user.user_id).await.token;
    let (bearer, refresh) = (session.access_token.expose(), session.refresh_token.clone().unwrap());
    assert!(sender(&node, bearer).await.is_ok() && sender(&node, &minted).await.is_ok());
    for _ in 0..10 {
        log_in(&node, "alice@example.org", WRONG).await.unwrap_err();
    }
    forgot(&node, "ａLICE@example.org").await;
    let mail = mails(&inbox, "Alice@example.org", 1).await.remove(0);
    assert!(mail.contains(&format!("{}/reset-password?token=pwr_", crate::bed::URL)), "au_14 {mail}");
    let link = token(&mail);
    assert_eq!(
        field(reset(&node, &link, "passwordpassword").await),
        "new_password",
        "au_05, uses nothing up"
    );
    let mut tasks = JoinSet::new();
    for n in 0..50 {
        let (node, link) = (if n % 2 == 0 { node.clone() } else { bed.portcullis.clone() }, link.clone());
        tasks.spawn(async move { reset(&node, &link, OTHER).await });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.into_iter().filter(Result::is_err).all(|answer| field(answer) == "token"));
    within_a_second("a reset", async || {
        is_refused(&sender(&node, bearer).await) && is_refused(&sender(&node, &minted).await)
    })
    .await;
    let presented = portcullis::session::Presented { bearer: None, refresh_token: Some(refresh) };
    let device = Device::default();
    assert!(portcullis::session::refresh(&node, device, presented).await.is_err(), "tk_07");
    assert!(is_wrong(&log_in(&node, "alice@example.org", GOOD).await), "a lock ends with a new password");
    assert!(log_in(&node, "alice@example.org", OTHER).await.unwrap().user.email_verified);
}

async fn au_12_a_reset_link_dies_of_age_of_the_next_and_of_a_change(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    registered(&bed.portcullis, "alice@example.org").await;
    let link = async || {
        inbox.clear();
        forgot(&node, "alice@example.org").await;
        token(&mails(&inbox, "alice@example.org", 1).await[0])
    };
    let old = link().await;
    let new = link().await;
    assert_eq!(field(reset(&node, &old, OTHER).await), "token", "by the next");
    bed.clock.forward(600);
    assert_eq!(field(reset(&node, &new, OTHER).await), "token", "of age");
    let tokens = log_in(&node, "alice@example.org", GOOD).await.unwrap();
    let alice = caller(&node, tokens.access_token.expose()).await;
    let before = link().await;
    change(&node, &alice, GOOD, OTHER).await.unwrap();
    assert_eq!(field(reset(&node, &before, WRONG).await), "token", "by a change");
    // The mail that tells of the change, so that it is not taken for the next one.
    mails(&inbox, "alice@example.org", 2).await;
    let id = tokens.user.id;
    let disabled = link().await;
    user::disable(&node, &bed.owner, &id).await.unwrap();
    assert_eq!(field(reset(&node, &disabled, WRONG).await), "token", "of somebody who is disabled");
    let hashed = node.password_work().hashed;
    for forged in ["", "x", &disabled.replace("pwr_", "emv_"), &format!("{disabled}x"), &"x".repeat(1 << 20)]
    {
        assert_eq!(field(reset(&node, forged, WRONG).await), "token");
    }
    assert_eq!(node.password_work().hashed, hashed, "only a good token makes work");
}

async fn au_12_a_link_dies_with_the_address_that_it_was_sent_to(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    let alice = registered(&bed.portcullis, "alice@example.org").await;
    let move_to = async |email: &str| {
        let moved = json!({"users": [{"userId": alice.user_id, "email": email}]});
        portcullis::apply::apply(&bed.portcullis, &bed.owner, body(moved), false).await.unwrap();
    };
    forgot(&node, "alice@example.org").await;
    let link = token(&mails(&inbox, "alice@example.org", 1).await[0]);
    move_to("new@example.org").await;
    assert_eq!(field(reset(&node, &link, OTHER).await), "token", "whoever reads the old mailbox");
    assert!(log_in(&node, "new@example.org", GOOD).await.is_ok(), "the password is what it was");
}

async fn au_09_a_forgotten_password_tells_nobody_who_is_registered(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    let gone = registered(&bed.portcullis, "bob@example.org").await;
    user::disable(&node, &bed.owner, &gone.user_id).await.unwrap();
    registered(&bed.portcullis, "alice@example.org").await;
    for email in ["nobody@example.org", "bob@example.org", "alice@example.org"] {
        let rows = bed.number("SELECT COUNT(*) FROM pc_mail_token").await;
        forgot(&node, email).await;
        assert_eq!(
            bed.number("SELECT COUNT(*) FROM pc_mail_token").await,
            rows + 1,
            "{email}: the same work"
        );
    }
    mails(&inbox, "alice@example.org", 1).await;
    assert_eq!(inbox.mails().len(), 1, "nobody else is written to");
    assert_eq!(node.password_work().hashed, 0);
    forgot(&bed.portcullis, "alice@example.org").await;
}

async fn au_23_who_manages_users_starts_a_reset_and_never_knows_the_password(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    let new = || body(json!({"userId": "alice", "email": "alice@example.org"}));
    let chosen = user::create_with_password(&node, &bed.owner, new(), &GOOD.to_owned().into()).await;
    assert!(matches!(chosen, Err(Error::Forbidden { .. })), "{chosen:?}");
    user::create(&node, &bed.owner, new()).await.unwrap();
    assert!(is_wrong(&log_in(&node, "alice@example.org", GOOD).await));
    let hidden = user::start_reset(&node, &crate::bed::user("mallory"), "alice").await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
    let unsent = user::start_reset(&bed.portcullis, &bed.owner, "alice").await;
    assert!(matches!(unsent, Err(Error::Conflict(_))), "without a mailer: {unsent:?}");
    user::start_reset(&node, &bed.owner, "alice").await.unwrap();
    let link = token(&mails(&inbox, "alice@example.org", 1).await[0]);
    reset(&node, &link, GOOD).await.unwrap();
    log_in(&node, "alice@example.org", GOOD).await.unwrap();
    let local = body(json!({"userId": "bob", "email": "bob@example.org"}));
    user::create_with_password(&node, &Cx::local("root"), local, &OTHER.to_owned().into()).await.unwrap();
    log_in(&node, "bob@example.org", OTHER).await.unwrap();
}

async fn a_sign_in_under_way_does_not_survive_a_new_password(bed: Bed) {
    let node = &bed.portcullis;
    registered(node, "alice@example.org").await;
    let tokens = log_in(node, "alice@example.org", GOOD).await.unwrap();
    let alice = caller(node, tokens.access_token.expose()).await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let node = node.clone();
        tasks.spawn(async move { log_in(&node, "alice@example.org", GOOD).await });
    }
    change(node, &alice, GOOD, OTHER).await.unwrap();
    // Those that came before the change are ended by it, those after are refused: none is good now.
    for answer in tasks.join_all().await {
        match answer {
            Ok(tokens) => {
                let sender = sender(node, tokens.access_token.expose()).await;
                assert!(matches!(sender, Err(AuthError::Invalid { .. })), "{sender:?}");
            }
            Err(error) => assert!(
                matches!(error, Error::InvalidCredentials | Error::TooManyAttempts { .. }),
                "{error:?}"
            ),
        }
    }
}

/// What was read before a password is computed may be old when it is done: it is looked at again.
async fn what_changes_while_a_password_is_computed_counts(bed: Bed) {
    let cost = portcullis::HashCost { memory_kib: 1_024, iterations: 60, parallelism: 1 };
    let slow = bed.node_with("slow", |settings| settings.passwords.cost = cost).await;
    registered(&slow, "alice@example.org").await;
    let alice = log_in(&slow, "alice@example.org", GOOD).await.unwrap();
    let alice = caller(&slow, alice.access_token.expose()).await;
    let by_browser = async |node: Portcullis| {
        let (pool, email) = (None, "alice@example.org".to_owned());
        let credentials = sign_in::Credentials { pool, email, password: GOOD.into() };
        browser::sign_in(&node, Device::default(), credentials, None).await.map(|_| ())
    };
    let undecided = "SELECT CAST(COALESCE(SUM(undecided), 0) AS BIGINT) FROM pc_sign_in_attempt";
    let counted = "SELECT CAST(COALESCE(SUM(undecided + failed), 0) AS BIGINT) FROM pc_sign_in_attempt";
    for (of, meanwhile) in [
        ("log in", "UPDATE pc_password SET set_at = set_at + 1"),
        ("sign in", "UPDATE pc_password SET set_at = set_at + 1"),
        ("change", "UPDATE pc_password SET set_at = set_at + 1"),
        ("log in", "UPDATE pc_user SET disabled_at = 1"),
    ] {
        let (node, alice) = (slow.clone(), alice.clone());
        let trying = tokio::spawn(async move {
            match of {
                "log in" => log_in(&node, "alice@example.org", GOOD).await.map(|_| ()),
                "sign in" => by_browser(node).await,
                _ => change(&node, &alice, GOOD, OTHER).await,
            }
        });
        while bed.number(undecided).await == 0 {
            assert!(!trying.is_finished(), "it was computed before it was seen to begin");
            tokio::task::yield_now().await;
        }
        bed.execute(meanwhile).await;
        assert!(!trying.is_finished(), "it is still computed: else this proves nothing");
        let answer = trying.await.unwrap();
        assert!(is_wrong(&answer), "{of}, {meanwhile}: {answer:?}");
        assert_eq!(bed.number(counted).await, 0, "the password was right: nothing is held against anybody");
    }
}
