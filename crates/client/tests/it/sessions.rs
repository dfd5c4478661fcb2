//! `/v1/auth` of a real server: people, their tokens, their sessions and their passwords.

use portcullis_client::area::Registered;
use portcullis_client::types::Sensitive;
use portcullis_client::types::auth::{ChangePasswordBody, LoginBody, RegisterBody};
use portcullis_client::{ClientError, VerifyError};
use portcullis_jose::TokenError;
use portcullis_testkit::TestServer;

use crate::people::{ALICE, GOOD, OTHER, WRONG, mailed_token, server_with_clock};

/// A refusal with this status and this code.
fn refused<T: std::fmt::Debug>(answer: Result<T, ClientError>, status: u16, code: &str) {
    let error = answer.unwrap_err();
    assert!(error.is_refusal() && !error.could_not_ask(), "{error:?}");
    assert_eq!((error.status(), error.error_code()), (Some(status), Some(code)), "{error:?}");
}

/// What a bearer is told everywhere whose session was ended, or that was replaced.
fn dead<T: std::fmt::Debug>(answer: Result<T, ClientError>) {
    refused(answer, 401, "token_revoked");
}

fn registration(email: &str) -> RegisterBody {
    let name = Some("Alice".to_owned());
    RegisterBody { email: email.to_owned(), password: Sensitive::new(GOOD), name, pool: None }
}

#[tokio::test]
async fn who_registers_signs_in_sees_their_sessions_and_ends_one() {
    let server = TestServer::start().await.unwrap();
    let auth = server.client().auth();
    let Registered::SignedIn(first) = auth.register(&registration(ALICE)).await.unwrap() else {
        panic!("this server sends no mail")
    };
    refused(auth.register(&registration(ALICE)).await, 409, "email_taken");
    refused(auth.login(ALICE, WRONG).await, 401, "invalid_credentials");
    refused(auth.login("nobody@example.org", GOOD).await, 401, "invalid_credentials");
    let login = LoginBody {
        email: ALICE.to_owned(),
        password: Sensitive::new(GOOD),
        pool: None,
        device_name: Some("phone".to_owned()),
    };
    let second = auth.login_with(&login).await.unwrap();
    assert_eq!((second.token_type.as_str(), &second.user), ("Bearer", &first.user));
    let bearer = second.access_token.expose();
    let me = auth.me(bearer).await.unwrap();
    assert_eq!(me, second.user);
    assert_eq!(
        (me.email.as_deref(), me.name.as_deref(), me.email_verified),
        (Some(ALICE), Some("Alice"), false)
    );

    let sessions = auth.sessions(bearer).await.unwrap();
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    let current = sessions.iter().find(|session| session.current).unwrap();
    let other = sessions.iter().find(|session| !session.current).unwrap();
    assert_eq!((current.device_name.as_deref(), other.device_name.as_deref()), (Some("phone"), None));
    auth.end_session(bearer, &other.id).await.unwrap();
    assert!(auth.end_session(bearer, &other.id).await.unwrap_err().is_not_found());
    dead(auth.me(first.access_token.expose()).await);
    assert_eq!(auth.sessions(bearer).await.unwrap().len(), 1);
    server.shutdown().await;
}

#[tokio::test]
async fn a_refresh_token_gives_one_successor_and_reuse_ends_the_session() {
    let (server, clock) = server_with_clock().await;
    let auth = server.client().auth();
    let first = server.register(ALICE, GOOD).await.unwrap();
    let refresh_token = first.refresh_token.as_ref().unwrap().expose();
    let second = auth.refresh(refresh_token).await.unwrap();
    assert_eq!(second.user, first.user);
    assert_ne!(second.refresh_token, first.refresh_token);
    let lost = auth.refresh(refresh_token).await.unwrap();
    assert_eq!(lost.refresh_token, second.refresh_token, "an answer that was lost is given again");
    auth.me(second.access_token.expose()).await.unwrap();
    clock.advance_secs(60);
    refused(auth.refresh(refresh_token).await, 401, "token_revoked");
    refused(auth.refresh(second.refresh_token.unwrap().expose()).await, 401, "token_revoked");
    dead(auth.me(second.access_token.expose()).await);
    refused(auth.refresh("made up").await, 401, "token_invalid");
    server.shutdown().await;
}

#[tokio::test]
async fn the_current_token_gives_the_next_one_for_a_while_after_its_time() {
    let (server, clock) = server_with_clock().await;
    let auth = server.client().auth();
    let first = server.register(ALICE, GOOD).await.unwrap();
    let second = auth.refresh_token(first.access_token.expose()).await.unwrap();
    assert!(second.refresh_token.is_none() && second.access_token != first.access_token);
    auth.me(first.access_token.expose()).await.unwrap();
    clock.advance_secs(60);
    dead(auth.me(first.access_token.expose()).await);
    clock.advance_secs(second.expires_in);
    refused(auth.me(second.access_token.expose()).await, 401, "token_expired");
    let third = auth.refresh_token(second.access_token.expose()).await.unwrap();
    assert_eq!(auth.me(third.access_token.expose()).await.unwrap(), first.user);
    clock.advance_secs(third.expires_in + 25 * 60 * 60);
    refused(auth.refresh_token(third.access_token.expose()).await, 401, "token_expired");
    server.shutdown().await;
}

#[tokio::test]
async fn a_logout_ends_every_token_of_the_session_and_a_second_one_is_refused() {
    let server = TestServer::start().await.unwrap();
    let auth = server.client().auth();
    let first = server.register(ALICE, GOOD).await.unwrap();
    let bearer = first.access_token.expose();
    let second = server.login(ALICE, GOOD).await.unwrap();
    auth.logout(bearer).await.unwrap();
    refused(auth.logout(bearer).await, 401, "token_revoked");
    refused(auth.refresh(first.refresh_token.as_ref().unwrap().expose()).await, 401, "token_revoked");
    refused(auth.refresh_token(bearer).await, 401, "token_revoked");
    assert!(auth.me(second.access_token.expose()).await.is_ok(), "the other session goes on");
    let third = server.login(ALICE, GOOD).await.unwrap();
    auth.logout_all(third.access_token.expose()).await.unwrap();
    for ended in [&second, &third] {
        dead(auth.me(ended.access_token.expose()).await);
    }
    dead(auth.logout_all(third.access_token.expose()).await);
    server.shutdown().await;
}

#[tokio::test]
async fn the_server_says_whether_a_token_is_good_and_the_keys_whether_it_was() {
    let (server, clock) = server_with_clock().await;
    let (client, auth) = (server.client(), server.client().auth());
    let tokens = server.register(ALICE, GOOD).await.unwrap();
    let bearer = tokens.access_token.expose();
    for sent in [bearer.to_owned(), format!("Bearer {bearer}")] {
        let answer = auth.verify(&sent).await.unwrap();
        assert_eq!((answer.active, answer.sub.as_deref()), (true, Some(tokens.user.id.as_str())));
        assert_eq!(answer.exp, Some(1_800_000_000 + tokens.expires_in));
        assert_eq!(client.verify_token(&sent).await.unwrap().subject(), tokens.user.id);
    }
    for bad in ["", "a.b.c", server.access_key()] {
        let answer = auth.verify(bad).await.unwrap();
        assert!(!answer.active && answer.sub.is_none() && answer.exp.is_none());
    }
    auth.logout(bearer).await.unwrap();
    assert!(!auth.verify(bearer).await.unwrap().active);
    assert!(client.verify_token(bearer).await.is_ok(), "a signature knows nothing of a logout");
    clock.advance_secs(tokens.expires_in + 60);
    let late = client.verify_token(bearer).await;
    assert!(matches!(late, Err(VerifyError::Token(TokenError::Expired))), "{late:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it() {
    let server = TestServer::start().await.unwrap();
    let auth = server.client().auth();
    let kept = server.register(ALICE, GOOD).await.unwrap();
    let ended = server.login(ALICE, GOOD).await.unwrap();
    let change = |current: &str, new: &str| ChangePasswordBody {
        current_password: Sensitive::new(current),
        new_password: Sensitive::new(new),
    };
    let bearer = kept.access_token.expose();
    refused(auth.change_password(bearer, &change(WRONG, OTHER)).await, 401, "invalid_credentials");
    let error = auth.change_password(bearer, &change(GOOD, "short")).await.unwrap_err();
    assert_eq!(error.refusal().and_then(|refusal| refusal.field.as_deref()), Some("new_password"));
    auth.change_password(bearer, &change(GOOD, OTHER)).await.unwrap();
    assert!(auth.me(bearer).await.is_ok(), "the session that asked goes on");
    dead(auth.me(ended.access_token.expose()).await);
    refused(auth.login(ALICE, GOOD).await, 401, "invalid_credentials");
    auth.login(ALICE, OTHER).await.unwrap();
    server.shutdown().await;
}

#[tokio::test]
async fn mail_proves_an_address_and_sets_a_forgotten_password() {
    let server = TestServer::builder().inbox().start().await.unwrap();
    let auth = server.client().auth();
    assert!(matches!(auth.register(&registration(ALICE)).await.unwrap(), Registered::MailSent(_)));
    auth.verify_email(&mailed_token(&server, ALICE, 0).await).await.unwrap();
    let before = auth.login(ALICE, GOOD).await.unwrap();
    assert!(before.user.email_verified);
    auth.forgot_password("nobody@example.org").await.unwrap();
    auth.forgot_password(ALICE).await.unwrap();
    let token = mailed_token(&server, ALICE, 1).await;
    let error = auth.reset_password(&token, "short").await.unwrap_err();
    assert_eq!(error.refusal().and_then(|refusal| refusal.field.as_deref()), Some("new_password"));
    auth.reset_password(&token, OTHER).await.unwrap();
    assert!(auth.reset_password(&token, GOOD).await.unwrap_err().is_refusal(), "it works once");
    dead(auth.me(before.access_token.expose()).await);
    refused(auth.login(ALICE, GOOD).await, 401, "invalid_credentials");
    auth.login(ALICE, OTHER).await.unwrap();
    assert!(server.inbox().unwrap().to("nobody@example.org").is_empty());
    server.shutdown().await;
}
