//! How people get an account, and what a registration does not tell.

use portcullis::sign_in::{self, Registered};
use portcullis::{Error, user, user_pool};
use serde_json::json;
use tokio::task::JoinSet;

use crate::bed::{Bed, on_both};
use crate::make::body;
use crate::people::{
    GOOD, OTHER, field, is_wrong, log_in, mailing, mails, nobody, register, registered, status, token,
};

on_both!(
    w_14_of_parallel_registrations_of_one_address_one_makes_an_account,
    au_09_with_a_mailer_every_registration_has_the_same_answer_and_cost,
    an_address_is_proven_by_a_link_that_works_once,
    au_12_a_verification_link_works_once_of_fifty_times,
    a_closed_pool_registers_nobody,
    au_05_a_password_that_is_easy_to_guess_is_refused_with_the_reason,
    as_26_no_user_has_the_id_of_a_client_or_of_a_command,
);

const SPELLINGS: [&str; 4] =
    ["alice@example.org", "ALICE@example.org", "ａlice@example.org", "alice@EXAMPLE。org"];

async fn w_14_of_parallel_registrations_of_one_address_one_makes_an_account(bed: Bed) {
    let (here, there) = (bed.portcullis.clone(), bed.node("b").await);
    let mut tasks = JoinSet::new();
    for n in 0..20 {
        let node = if n % 2 == 0 { here.clone() } else { there.clone() };
        tasks.spawn(async move { register(&node, SPELLINGS[n % 3]).await });
    }
    let answers = tasks.join_all().await;
    let made = answers.iter().filter(|answer| matches!(answer, Ok(Registered::Created(_)))).count();
    let taken = answers.iter().filter(|answer| matches!(answer, Err(Error::EmailTaken))).count();
    assert_eq!((made, taken), (1, 19), "{answers:?}");
    for table in ["pc_user", "pc_user_identifier", "pc_password"] {
        assert_eq!(bed.number(&format!("SELECT COUNT(*) FROM {table}")).await, 1, "{table}");
    }
    log_in(&there, "alice@example.org", GOOD).await.unwrap();
}

async fn au_09_with_a_mailer_every_registration_has_the_same_answer_and_cost(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    for (n, email) in [SPELLINGS[0], SPELLINGS[1], SPELLINGS[3]].into_iter().enumerate() {
        let hashed = node.password_work().hashed;
        let other = body(json!({"email": email, "password": if n == 0 { GOOD } else { OTHER }}));
        let answer = sign_in::register(&node, &nobody(), other).await;
        if email.is_ascii() {
            assert_eq!(answer.unwrap(), Registered::MailBound, "{email}");
            assert_eq!(node.password_work().hashed, hashed + 1, "{email}");
        } else {
            assert_eq!(field(answer), "email", "mail cannot be sent there");
        }
    }
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_user").await, 1);
    // All to the stored address: the first link, that it is registered, and a link again, because it is not proven yet.
    let mails = mails(&inbox, "alice@example.org", 3).await;
    assert_eq!(mails.iter().filter(|mail| mail.contains("token=")).count(), 2);
    assert_eq!(mails.iter().filter(|mail| mail.contains("registered already")).count(), 1);
    assert!(inbox.to("ALICE@example.org").is_empty());
    log_in(&node, "alice@example.org", GOOD).await.unwrap();
    assert!(is_wrong(&log_in(&node, "alice@example.org", OTHER).await), "the second set no password");
}

async fn an_address_is_proven_by_a_link_that_works_once(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    register(&node, "alice@example.org").await.unwrap();
    let first = mails(&inbox, "alice@example.org", 1).await.remove(0);
    assert!(first.contains(&format!("{}/verify-email?token=emv_", crate::bed::URL)), "au_14 {first}");
    inbox.clear();
    register(&node, "alice@example.org").await.unwrap();
    let again = mails(&inbox, "alice@example.org", 2).await;
    let second = again.iter().find(|mail| mail.contains("token=")).unwrap();
    let verify = async |text: String| sign_in::verify_email(&node, &nobody(), &text.into()).await;
    assert_eq!(field(verify(token(&first)).await), "token", "au_12 dead by the second request");
    assert_eq!(field(verify(format!("{}x", token(second))).await), "token");
    assert_eq!(field(verify(token(second).replace("emv_", "pwr_")).await), "token");
    let id = log_in(&node, "alice@example.org", GOOD).await.unwrap().user.id;
    assert!(!status(&bed, &id).await.user.email_verified);
    verify(token(second)).await.unwrap();
    assert!(status(&bed, &id).await.user.email_verified);
    assert_eq!(field(verify(token(second)).await), "token", "au_12 once");
    inbox.clear();
    register(&node, "alice@example.org").await.unwrap();
    assert!(!mails(&inbox, "alice@example.org", 1).await[0].contains("token="), "nothing is left to prove");
}

async fn au_12_a_verification_link_works_once_of_fifty_times(bed: Bed) {
    let (node, inbox) = mailing(&bed, "m").await;
    register(&node, "alice@example.org").await.unwrap();
    let link = token(&mails(&inbox, "alice@example.org", 1).await[0]);
    let mut tasks = JoinSet::new();
    for n in 0..50 {
        let (node, link) = (if n % 2 == 0 { node.clone() } else { bed.portcullis.clone() }, link.clone());
        tasks.spawn(async move { sign_in::verify_email(&node, &nobody(), &link.into()).await });
    }
    let answers = tasks.join_all().await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert!(answers.into_iter().filter(Result::is_err).all(|answer| field(answer) == "token"));
    assert_eq!(bed.number("SELECT COUNT(*) FROM pc_audit WHERE action = 'user.email_verify'").await, 1);
    let id = log_in(&node, "alice@example.org", GOOD).await.unwrap().user.id;
    assert!(status(&bed, &id).await.user.email_verified);
}

async fn a_closed_pool_registers_nobody(bed: Bed) {
    let (node, owner) = (&bed.portcullis, &bed.owner);
    user_pool::put(node, owner, "main", body(json!({"registration": "closed"}))).await.unwrap();
    user_pool::put(node, owner, "shop", body(json!({}))).await.unwrap();
    for pool in ["main", "shop", "absent"] {
        let new = body(json!({"email": "a@example.org", "password": GOOD, "pool": pool}));
        let answer = sign_in::register(node, &nobody(), new).await;
        assert!(matches!(answer, Err(Error::RegistrationClosed)), "{pool}: {answer:?}");
    }
    user_pool::put(node, owner, "main", body(json!({}))).await.unwrap();
    registered(node, "a@example.org").await;
    let closed = bed.node_with("b", |settings| {
        settings.sign_in.pools.registration = portcullis_types::sign_in::Registration::Closed;
    });
    let answer = register(&closed.await, "b@example.org").await;
    assert!(matches!(answer, Err(Error::RegistrationClosed)), "{answer:?}");
}

async fn au_05_a_password_that_is_easy_to_guess_is_refused_with_the_reason(bed: Bed) {
    let refused = async |password: &str| {
        let new =
            json!({"email": "alice.lidell@wonderland.example", "name": "Alice Lidell", "password": password});
        match sign_in::register(&bed.portcullis, &nobody(), body(new)).await {
            Err(Error::Invalid(refused)) => {
                assert_eq!(refused.field, "password");
                refused.expected
            }
            other => panic!("{password}: {other:?}"),
        }
    };
    assert!(refused("fourteen chars").await.contains("15 to"), "au_01");
    assert!(refused("passwordpassword").await.contains("guessable"));
    assert!(refused("AliceLidell-2026!").await.contains("beside the names"));
    assert_eq!(bed.portcullis.password_work().hashed, 0);
}

async fn as_26_no_user_has_the_id_of_a_client_or_of_a_command(bed: Bed) {
    let client = bed.portcullis.account().owner_client_id.clone();
    for id in [client.as_str(), "cli:root", "Authress:ServiceClients/x"] {
        let made = user::create(&bed.portcullis, &bed.owner, body(json!({"userId": id}))).await;
        assert_eq!(field(made), "userId", "{id}");
    }
}
