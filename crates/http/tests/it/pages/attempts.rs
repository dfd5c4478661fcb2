//! What wrong passwords and too many attempts look like (AU-08, AU-09).

use portcullis_http::HttpOptions;

use super::is_a_page;
use crate::bed::Bed;
use crate::visitor::{OTHER, Visitor};

#[tokio::test]
async fn au_09_a_wrong_password_and_an_unknown_address_look_the_same() {
    let bed = Bed::start().await;
    Visitor::of(&bed).register("alice@example.org").await;
    let mut visitor = Visitor::of(&bed);
    let known = visitor.sign_in("alice@example.org", OTHER).await;
    let unknown = visitor.sign_in("nobody@example.org", OTHER).await;
    assert_eq!((known.status, unknown.status), (401, 401));
    is_a_page(&known, "a wrong password");
    assert_eq!(
        known.text().replace("alice@example.org", "X"),
        unknown.text().replace("nobody@example.org", "X")
    );
    assert!(!known.text().contains(OTHER));
}

#[tokio::test]
async fn au_08_a_locked_account_gets_a_page_that_says_when_to_try_again() {
    let bed = Bed::start().await;
    let mut visitor = Visitor::of(&bed);
    for _ in 0..10 {
        assert_eq!(visitor.sign_in("alice@example.org", OTHER).await.status, 401);
    }
    let locked = visitor.sign_in("alice@example.org", OTHER).await;
    assert_eq!(locked.status, 429);
    let wait: u32 = locked.header("retry-after").unwrap().parse().unwrap();
    assert!((890..=900).contains(&wait), "{wait}");
    is_a_page(&locked, "a locked account");
    assert!(locked.text().contains("Try again in 15 minutes"), "{}", locked.text());
}

#[tokio::test]
async fn attempts_on_pages_are_limited_by_address_together_with_those_of_the_api() {
    let bed = Bed::with(HttpOptions { credential_rate_per_minute: 3, ..HttpOptions::default() }).await;
    let mut visitor = Visitor::of(&bed);
    for _ in 0..3 {
        assert_eq!(visitor.sign_in("alice@example.org", OTHER).await.status, 401);
    }
    let limited = visitor.sign_in("alice@example.org", OTHER).await;
    assert_eq!(limited.status, 429);
    assert!(limited.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    is_a_page(&limited, "a limit");
    let body = serde_json::json!({ "email": "a@b.c", "password": "x" });
    assert_eq!(bed.nobody().send("POST", "/v1/auth/login", Some(body)).await.status, 429);
    assert_eq!(visitor.get("/login").await.status, 200, "looking is free");
}

#[tokio::test]
async fn se_08_another_site_cannot_use_up_the_attempts_of_a_visitor() {
    let bed = Bed::with(HttpOptions { credential_rate_per_minute: 1, ..HttpOptions::default() }).await;
    let mut visitor = Visitor::of(&bed);
    let token = visitor.token("/login").await;
    let fields = [("email", "alice@example.org"), ("password", OTHER)];
    for path in [
        "/login",
        "/register",
        "/forgot-password",
        "/reset-password",
        "/verify-email",
        "/device",
        "/account/password",
    ] {
        let forged = visitor.post_with(path, "x", &fields, "").await;
        assert_eq!(forged.status, 403, "{path}");
        let foreign = visitor.post_with(path, &token, &fields, "Sec-Fetch-Site: cross-site\r\n").await;
        assert_eq!(foreign.status, 403, "{path}");
    }
    assert_eq!(visitor.sign_in("alice@example.org", OTHER).await.status, 401, "there is still one");
    assert_eq!(visitor.sign_in("alice@example.org", OTHER).await.status, 429);
}
