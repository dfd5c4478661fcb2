//! What a test gets with a server.

use std::sync::Arc;

use portcullis_testkit::portcullis_server::portcullis::mail::{Mail, MailAddress, Mailer as _};
use portcullis_testkit::{MovableClock, TestError, TestServer};
use portcullis_types::Timestamp;

#[tokio::test]
async fn the_client_has_the_owners_rights_and_the_servers_clock() {
    let clock = Arc::new(MovableClock::new(Timestamp::from_secs(1_800_000_000)));
    let server = TestServer::builder().clock(clock.clone()).start().await.unwrap();
    let access = server.client().access();
    assert!(access.authorize_user(server.client_id(), "Portcullis:Guard", "guard:evaluate").await.unwrap());
    let token = server.user_token("alice").await.unwrap();
    server.client().verify_token(&token).await.unwrap();
    clock.advance_secs(25 * 60 * 60);
    server.client().verify_token(&token).await.unwrap_err();
    assert!(access.authorize_user(server.client_id(), "a", "b").await.unwrap(), "with a new token");
    server.shutdown().await;
}

#[tokio::test]
async fn two_servers_share_nothing() {
    let (first, second) = (TestServer::start().await.unwrap(), TestServer::start().await.unwrap());
    assert_ne!(first.account_id(), second.account_id());
    let token = first.user_token("alice").await.unwrap();
    second.client().verify_token(&token).await.unwrap_err();
    first.shutdown().await;
    assert!(second.client().roles().show("Authress:Owner").await.is_ok());
    second.shutdown().await;
}

#[tokio::test]
async fn people_register_and_sign_in_with_a_password() {
    let server = TestServer::start().await.unwrap();
    let (email, password) = ("a@example.org", "seven quiet herons fold paper");
    let registered = server.register(email, password).await.unwrap();
    let signed_in = server.login(email, password).await.unwrap();
    assert_eq!(registered.user, signed_in.user);
    assert!(matches!(server.login(email, "another").await, Err(TestError::Client(_))));
    assert_eq!(server.client().auth().sessions(signed_in.access_token.expose()).await.unwrap().len(), 2);
    server.shutdown().await;
    let server = TestServer::builder().inbox().start().await.unwrap();
    assert!(matches!(server.register(email, password).await, Err(TestError::MailSent)));
    server.shutdown().await;
}

#[tokio::test]
async fn mail_goes_to_the_inbox_that_was_asked_for() {
    let server = TestServer::builder().inbox().start().await.unwrap();
    let address = MailAddress::parse("email", "a@example.org").unwrap();
    let inbox = server.inbox().unwrap();
    inbox.send(&Mail::new(address, "Hello", "text")).await.unwrap();
    assert_eq!(inbox.to("a@example.org").len(), 1);
    server.shutdown().await;
    let server = TestServer::start().await.unwrap();
    assert!(server.inbox().is_none());
    server.shutdown().await;
}
