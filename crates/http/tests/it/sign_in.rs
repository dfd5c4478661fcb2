//! Registration, passwords and proven addresses over the wire.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis::mail::InboxMailer;
use portcullis_http::HttpOptions;
use portcullis_types::sign_in::Registration;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::wire::{Answer, Wire};

const GOOD: &str = "seven quiet herons fold paper";
const OTHER: &str = "forty red kites over a harbour";

fn unlimited() -> HttpOptions {
    HttpOptions { credential_rate_per_minute: 0, ..HttpOptions::default() }
}

async fn mailing() -> (Bed, Arc<InboxMailer>) {
    let inbox = Arc::new(InboxMailer::default());
    let mailer = Arc::clone(&inbox);
    (Bed::with_settings(unlimited(), |settings| settings.mailer = Some(mailer)).await, inbox)
}

async fn post(wire: &Wire, path: &str, body: Value) -> Answer {
    wire.send("POST", &format!("/v1/auth/{path}"), Some(body)).await
}

async fn register(bed: &Bed, email: &str) -> Answer {
    post(&bed.nobody(), "register", json!({ "email": email, "password": GOOD, "name": "Alice" })).await
}

async fn log_in(bed: &Bed, email: &str, password: &str) -> Answer {
    post(&bed.nobody(), "login", json!({ "email": email, "password": password })).await
}

fn by(bed: &Bed, tokens: &Answer) -> Wire {
    Wire { address: bed.address, bearer: tokens.json()["access_token"].as_str().map(str::to_owned) }
}

/// The token of the newest mail with a link to an address; waits until there are so many mails.
async fn link(inbox: &InboxMailer, to: &str, mails: usize) -> String {
    let asked = Instant::now();
    while inbox.to(to).len() < mails {
        assert!(asked.elapsed() < Duration::from_secs(10), "no {mails} mails to {to}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let texts: Vec<_> = inbox.to(to).iter().map(|mail| mail.text().to_owned()).collect();
    let newest = texts.iter().rev().find_map(|text| text.split_once("?token=")).unwrap();
    newest.1.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn without_a_mailer_a_registration_signs_in_and_a_taken_address_is_409() {
    let bed = Bed::start().await;
    let made = register(&bed, "Alice@example.org").await;
    assert_eq!((made.status, made.header("cache-control")), (201, Some("no-store")), "{made:?}");
    let tokens = made.json();
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    assert!(tokens["refresh_token"].is_string());
    assert_eq!(
        (&tokens["user"]["name"], &tokens["user"]["email_verified"]),
        (&json!("Alice"), &json!(false))
    );
    assert_eq!(by(&bed, &made).get("/v1/auth/me").await.json(), tokens["user"]);
    for spelling in ["Alice@example.org", "aLICE@EXAMPLE.org", "ａlice@example.org"] {
        let taken = register(&bed, spelling).await;
        assert_eq!((taken.status, taken.code().as_str()), (409, "email_taken"), "w_14 {spelling}");
    }
}

#[tokio::test]
async fn au_09_with_a_mailer_new_and_taken_addresses_are_answered_alike() {
    let (bed, inbox) = mailing().await;
    let new = register(&bed, "alice@example.org").await;
    assert_eq!(new.status, 202, "{new:?}");
    assert!(new.json()["message"].as_str().unwrap().contains("mail"));
    assert_eq!(register(&bed, "alice@example.org").await.told(), new.told());
    // The second registration of an address that is not proven yet: that it is registered, and a link again.
    let token = link(&inbox, "alice@example.org", 3).await;
    let verify = async || post(&bed.nobody(), "email/verify", json!({ "token": token })).await;
    assert_eq!(log_in(&bed, "alice@example.org", GOOD).await.json()["user"]["email_verified"], false);
    let proven = verify().await;
    assert_eq!((proven.status, proven.body.is_empty()), (204, true), "{proven:?}");
    assert_eq!(log_in(&bed, "alice@example.org", GOOD).await.json()["user"]["email_verified"], true);
    let again = verify().await;
    assert_eq!((again.status, again.field().as_str()), (400, "token"), "au_12 once");
}

#[tokio::test]
async fn au_09_login_and_forgot_tell_nobody_who_is_registered() {
    for with_mailer in [false, true] {
        let (mailing, inbox) = mailing().await;
        let bed = if with_mailer { mailing } else { Bed::start().await };
        register(&bed, "alice@example.org").await;
        let forgot = async |email: &str| {
            post(&bed.nobody(), "password/forgot", json!({ "email": email })).await.told()
        };
        let wrong = async |email: &str| log_in(&bed, email, OTHER).await.told();
        let (known, unknown) = (forgot("alice@example.org").await, forgot("nobody@example.org").await);
        assert_eq!((known.0, &known), (202, &unknown));
        let (known, unknown) = (wrong("alice@example.org").await, wrong("nobody@example.org").await);
        assert_eq!((known.0, &known), (401, &unknown));
        for _ in 0..9 {
            assert_eq!((wrong("alice@example.org").await.0, wrong("nobody@example.org").await.0), (401, 401));
        }
        // Locked: the seconds that are left may differ by the one that passes between the two answers.
        let locked = async |email: &str| {
            let (status, mut headers, body) = wrong(email).await;
            headers.retain(|(name, _)| name != "retry-after");
            (status, headers, body)
        };
        let (known, unknown) = (locked("alice@example.org").await, locked("nobody@example.org").await);
        assert_eq!((known.0, &known), (429, &unknown), "au_07");
        assert!(inbox.to("nobody@example.org").is_empty());
    }
}

#[tokio::test]
async fn w_15_az_03_what_a_body_may_not_set_is_refused_by_its_name() {
    let (bed, _inbox) = mailing().await;
    let person = json!({ "email": "alice@example.org", "password": GOOD });
    for field in ["id", "user_id", "email_verified", "roles", "is_admin", "disabled_at", "Password"] {
        let mut body = person.clone();
        body[field] = json!(true);
        let answer = post(&bed.nobody(), "register", body).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field));
    }
    let bodies = [
        ("password/forgot", json!({ "email": "alice@example.org" })),
        ("password/reset", json!({ "token": "x", "new_password": GOOD })),
        ("email/verify", json!({ "token": "x" })),
    ];
    for (path, mut body) in bodies {
        body["user_id"] = json!("alice");
        let answer = post(&bed.nobody(), path, body).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, "user_id"), "{path}");
    }
    assert!(bed.portcullis.password_work().hashed == 0, "nothing was made of any of them");
    let unknown = log_in(&bed, "alice@example.org", GOOD).await;
    assert_eq!(unknown.status, 401);
}

#[tokio::test]
async fn a_closed_pool_is_403_and_says_so() {
    let bed = Bed::with_settings(unlimited(), |settings| {
        settings.sign_in.pools.registration = Registration::Closed;
    })
    .await;
    for pool in [json!("main"), json!("absent"), Value::Null] {
        let body = json!({ "email": "a@example.org", "password": GOOD, "pool": pool });
        let answer = post(&bed.nobody(), "register", body).await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "registration_closed"), "{pool}");
    }
}

#[tokio::test]
async fn au_03_an_endless_password_is_refused_by_its_field_and_computes_nothing() {
    let bed = Bed::start().await;
    let tokens = register(&bed, "alice@example.org").await;
    let hashed = bed.portcullis.password_work().hashed;
    let alice = by(&bed, &tokens);
    for (length, status, fields) in [
        (1_025, 400, ["password", "new_password", "current_password"]),
        (1_000_000, 400, ["password", "new_password", "current_password"]),
        (1 << 20, 413, ["body"; 3]),
    ] {
        let (long, asked) = ("x".repeat(length), Instant::now());
        let whom = json!({ "email": "alice@example.org", "password": long });
        let changes = json!({ "current_password": GOOD, "new_password": long });
        let proves = json!({ "current_password": long, "new_password": GOOD });
        let put = async |body| alice.send("PUT", "/v1/auth/password", Some(body)).await;
        let answers = [
            (post(&bed.nobody(), "login", whom.clone()).await, fields[0]),
            (post(&bed.nobody(), "register", whom).await, fields[0]),
            (put(changes).await, fields[1]),
            (put(proves).await, fields[2]),
        ];
        for (answer, field) in answers {
            assert_eq!((answer.status, answer.field().as_str()), (status, field), "{length}");
        }
        assert!(asked.elapsed() < Duration::from_secs(5), "{length}: {:?}", asked.elapsed());
    }
    assert_eq!(bed.portcullis.password_work().hashed, hashed);
}

#[tokio::test]
async fn au_06_a_changed_password_ends_every_other_session() {
    let bed = Bed::start().await;
    let here = by(&bed, &register(&bed, "alice@example.org").await);
    let there = by(&bed, &log_in(&bed, "alice@example.org", GOOD).await);
    let change = async |wire: &Wire, from: &str, to: &str| {
        let body = json!({ "current_password": from, "new_password": to });
        wire.send("PUT", "/v1/auth/password", Some(body)).await
    };
    assert_eq!(change(&bed.nobody(), GOOD, OTHER).await.status, 401);
    let wrong = change(&here, OTHER, GOOD).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (401, "invalid_credentials"));
    let weak = change(&here, GOOD, "passwordpassword").await;
    assert_eq!((weak.status, weak.field().as_str()), (400, "new_password"), "au_05");
    assert_eq!(there.get("/v1/auth/me").await.status, 200);
    let changed = change(&here, GOOD, OTHER).await;
    assert_eq!((changed.status, changed.body.is_empty()), (204, true), "{changed:?}");
    assert_eq!(here.get("/v1/auth/me").await.status, 200);
    assert_eq!(there.get("/v1/auth/me").await.status, 401);
    assert_eq!(log_in(&bed, "alice@example.org", GOOD).await.status, 401);
    assert_eq!(log_in(&bed, "alice@example.org", OTHER).await.status, 200);
}

#[tokio::test]
async fn au_12_a_forgotten_password_is_replaced_by_a_link_that_works_once() {
    let (bed, inbox) = mailing().await;
    register(&bed, "alice@example.org").await;
    let signed_in = by(&bed, &log_in(&bed, "alice@example.org", GOOD).await);
    assert_eq!(signed_in.get("/v1/auth/me").await.status, 200);
    let asked = post(&bed.nobody(), "password/forgot", json!({ "email": "ALICE@example.org" })).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    let token = link(&inbox, "alice@example.org", 2).await;
    let reset = async |token: &str, password: &str| {
        let body = json!({ "token": token, "new_password": password });
        post(&bed.nobody(), "password/reset", body).await
    };
    assert_eq!(reset(&token, "short").await.field(), "new_password");
    assert_eq!(reset(&token.replace("pwr_", "emv_"), OTHER).await.field(), "token");
    let done = reset(&token, OTHER).await;
    assert_eq!((done.status, done.body.is_empty()), (204, true), "{done:?}");
    let again = reset(&token, GOOD).await;
    assert_eq!((again.status, again.field().as_str()), (400, "token"));
    assert_eq!(signed_in.get("/v1/auth/me").await.status, 401);
    assert_eq!(log_in(&bed, "alice@example.org", GOOD).await.status, 401);
    assert_eq!(log_in(&bed, "alice@example.org", OTHER).await.json()["user"]["email_verified"], true);
}

#[tokio::test]
async fn attempts_at_registration_and_links_are_limited_by_address() {
    let bed = Bed::with(HttpOptions { credential_rate_per_minute: 1, ..HttpOptions::default() }).await;
    post(&bed.nobody(), "login", json!({})).await;
    for path in ["register", "password/forgot", "password/reset", "email/verify"] {
        let answer = post(&bed.nobody(), path, json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (429, "RateLimited"), "{path}");
        assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    }
}

#[tokio::test]
async fn w_15_az_03_a_registration_chooses_neither_an_id_nor_a_role() {
    let bed = Bed::with(unlimited()).await;
    let nobody = bed.nobody();
    let fields = [
        ("role", json!("admin")),
        ("roles", json!(["Authress:Owner"])),
        ("id", json!("usr_root")),
        ("userId", json!("root")),
        ("user_id", json!("root")),
        ("email_verified", json!(true)),
        ("passwordHash", json!("$2b$04$x")),
        ("state", json!("active")),
        ("groups", json!(["grp_admins"])),
        ("created_at", json!(0)),
    ];
    let plain = json!({"email": "mallory@example.org", "password": GOOD, "name": "M"});
    for (field, value) in fields {
        let mut body = plain.clone();
        body.as_object_mut().unwrap().insert(field.to_owned(), value);
        let answer = post(&nobody, "register", body).await;
        assert_eq!(answer.status, 400, "{field}: {answer:?}");
        assert!(answer.json()["field"].as_str().unwrap().contains(field), "{field}: {answer:?}");
    }
    let made = post(&nobody, "register", plain).await;
    assert_eq!(made.status, 201, "nothing of what was refused was kept: {made:?}");
    assert_eq!(made.json()["user"]["email_verified"], false);
}
