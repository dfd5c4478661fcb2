//! Tokens: signed with an access key, and verified with keys that are read once.

use std::sync::Arc;

use portcullis_client::types::protected_resource::VerifyAccessToken as _;
use portcullis_client::types::{AuthError, Timestamp, authress::ClientBody};
use portcullis_client::{Client, VerifyError};
use portcullis_jose::{AccessKey, Algorithm, JwkSet, SigningKey, TokenError, UnverifiedToken};
use portcullis_testkit::{MovableClock, SeededRng, TestServer};
use serde_json::json;

use crate::raw_server::{Answer, RawServer};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const HOUR: i64 = 3_600;

fn clock() -> Arc<MovableClock> {
    Arc::new(MovableClock::new(NOW))
}

fn key(kid: &str, seed: u64) -> SigningKey {
    SigningKey::generate(kid.to_owned(), &SeededRng::new(seed)).unwrap()
}

fn published(keys: &[&SigningKey]) -> Answer {
    let set = JwkSet { keys: keys.iter().map(|key| key.verifying().jwk()).collect() };
    Answer::json(200, &serde_json::to_string(&set).unwrap())
}

/// A user's token, with changes.
fn user_token(key: &SigningKey, issuer: &str, typ: &str, changes: serde_json::Value) -> String {
    let mut claims = json!({"iss": issuer, "aud": issuer, "sub": "alice", "exp": NOW.secs() + 10 * HOUR});
    let changes = changes.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(changes);
    key.sign(typ, &claims).unwrap()
}

#[tokio::test]
async fn one_token_is_signed_and_used_until_an_hour_is_left() {
    let access_key = AccessKey::generate("sc_1", "k1", "acc-1", &SeededRng::new(1)).unwrap();
    let clock = clock();
    let client = Client::builder("http://127.0.0.1:1/").access_key(access_key.reveal()).clock(clock.clone());
    let client = client.build().unwrap();
    let first = client.token().await.unwrap();
    let claims =
        UnverifiedToken::parse(first.expose()).unwrap().verify(access_key.verifying_key(), NOW, 0).unwrap();
    assert_eq!((claims.issuer(), claims.subject()), ("http://127.0.0.1:1/v1/clients/sc_1", "sc_1"));
    assert!(claims.has_audience("acc-1.accounts.authress.io"));
    assert_eq!(claims.expires_at(), NOW.plus_secs(24 * HOUR));
    clock.set(NOW.plus_secs(23 * HOUR));
    assert_eq!(client.clone().token().await.unwrap(), first);
    clock.set(NOW.plus_secs(23 * HOUR + 1));
    let second = client.token().await.unwrap();
    assert_ne!(second, first);
    clock.set(NOW.plus_secs(-HOUR));
    assert_ne!(client.token().await.unwrap(), second, "a token of the future is refused everywhere");
    assert!(!format!("{client:?}").contains("MC4C"));
}

#[tokio::test]
async fn what_is_no_access_key_is_told_before_anything_is_sent() {
    let error = Client::builder("http://127.0.0.1:1").access_key("canary").build().unwrap_err();
    assert!(error.could_not_ask() && !format!("{error:?} {error}").contains("canary"));
}

#[tokio::test]
async fn tokens_of_users_and_of_clients_are_verified_against_a_server() {
    let server = TestServer::start().await.unwrap();
    let client = server.client();
    let token = server.user_token("alice").await.unwrap();
    for sent in [token.clone(), format!("bearer {token}")] {
        assert_eq!(client.verify_token(&sent).await.unwrap().subject(), "alice");
    }
    let own = client.token().await.unwrap();
    assert_eq!(client.verify_token(own.expose()).await.unwrap().subject(), server.client_id());

    let other = client.clients().create(&ClientBody::default()).await.unwrap();
    let other_key = client.clients().create_access_key(&other.client_id).await.unwrap();
    let other_client =
        Client::builder(server.url()).access_key(other_key.access_key.unwrap()).build().unwrap();
    let token = other_client.token().await.unwrap();
    // Also by whoever has no credential.
    let verifier = Client::builder(server.url()).build().unwrap();
    assert_eq!(verifier.verify_token(token.expose()).await.unwrap().subject(), other.client_id);
    let error = client.verify_token(server.access_key()).await.unwrap_err();
    assert!(matches!(error, VerifyError::Token(TokenError::Parts)), "a key is no token: {error:?}");
    server.shutdown().await;
}

#[tokio::test]
async fn tk_issuer_audience_kind_and_times_are_checked() {
    let signing = key("k1", 1);
    let server = RawServer::start(vec![published(&[&signing])]).await;
    let client = server.builder().clock(clock()).build().unwrap();
    let url = server.url();
    let verify =
        async |typ: &str, changes| client.verify_token(&user_token(&signing, url, typ, changes)).await;
    assert!(verify("at+jwt", json!({})).await.is_ok());
    assert!(matches!(verify("JWT", json!({})).await, Err(VerifyError::Kind)), "an ID token");
    assert!(matches!(verify("at+jwt", json!({"aud": "other"})).await, Err(VerifyError::Audience)));
    for issuer in ["http://evil.test", &format!("{url}.evil.test"), &format!("{url}/v1/clients/../x")] {
        assert!(
            matches!(verify("at+jwt", json!({"iss": issuer})).await, Err(VerifyError::Issuer)),
            "{issuer}"
        );
    }
    let error = verify("at+jwt", json!({"exp": NOW.secs()})).await;
    assert!(matches!(error, Err(VerifyError::Token(TokenError::Expired))));
    let client_issuer = format!("{url}/v1/clients/sc_1");
    let error = verify("at+jwt", json!({"iss": client_issuer, "sub": "sc_2"})).await;
    assert!(matches!(error, Err(VerifyError::Issuer)), "a client speaks for itself");
    let error = verify("oauth-authz-req+jwt", json!({"iss": client_issuer, "sub": "sc_1"})).await;
    assert!(matches!(error, Err(VerifyError::Kind)), "a login link");
    let error = verify("at+jwt", json!({"iss": client_issuer, "sub": "sc_1"})).await;
    assert!(matches!(error, Err(VerifyError::Audience)), "a client's token is for an account");
    let forged = user_token(&key("k1", 2), url, "at+jwt", json!({}));
    assert!(matches!(client.verify_token(&forged).await, Err(VerifyError::Token(TokenError::Signature))));
}

#[tokio::test]
async fn tk_11_tokens_of_each_algorithm_are_verified_as_access_tokens_of_an_api() {
    let keys: Vec<SigningKey> = Algorithm::ALL
        .into_iter()
        .map(|alg| SigningKey::generate_for(alg, alg.name().to_owned(), &SeededRng::new(1)).unwrap())
        .collect();
    let server = RawServer::start(vec![published(&keys.iter().collect::<Vec<_>>())]).await;
    let client = server.builder().clock(clock()).build().unwrap();
    for key in &keys {
        let said =
            json!({"aud": "https://api.test", "client_id": "app_1", "scope": "files:read  files:write"});
        let token = user_token(key, server.url(), "at+jwt", said);
        let read = client.verify_access_token(&token).await.unwrap();
        assert!(read.has_audience("https://api.test") && !read.has_audience("https://api.test/"));
        assert_eq!(read.scopes, ["files:read", "files:write"]);
        assert_eq!((read.subject.as_str(), read.client_id.as_deref()), ("alice", Some("app_1")));
        for (typ, said) in [
            ("at+jwt", json!({"aud": "https://api.test", "iss": "https://other.test"})),
            ("JWT", json!({"aud": "https://api.test"})),
            ("at+jwt", json!({"aud": "https://api.test", "exp": NOW.secs()})),
        ] {
            let refused = client.verify_access_token(&user_token(key, server.url(), typ, said.clone())).await;
            assert!(matches!(refused, Err(AuthError::Invalid { .. })), "{typ} {said}");
        }
        // The name of one key over the signature of another.
        let other = keys.iter().find(|other| other.kid() != key.kid()).unwrap();
        let header = token.split_once('.').unwrap().0;
        let foreign = user_token(other, server.url(), "at+jwt", json!({"aud": "https://api.test"}));
        let forged = format!("{header}.{}", foreign.split_once('.').unwrap().1);
        assert!(client.verify_access_token(&forged).await.is_err(), "{}", key.kid());
    }
    let nobody = Client::builder("http://127.0.0.1:1").issuer(server.url()).clock(clock()).build().unwrap();
    let token = user_token(&keys[0], server.url(), "at+jwt", json!({}));
    assert_eq!(nobody.verify_access_token(&token).await, Err(AuthError::Unavailable));
}

#[tokio::test]
async fn keys_are_read_once_for_many_tokens_and_again_on_rotation() {
    let (old, new) = (key("k1", 1), key("k2", 2));
    let server = RawServer::start(vec![published(&[&old]), published(&[&old, &new])]).await;
    let clock = clock();
    let client = server.builder().clock(clock.clone()).build().unwrap();
    let token = |key| user_token(key, server.url(), "at+jwt", json!({}));
    let (with_old, with_new) = (token(&old), token(&new));
    let verifying: Vec<_> = (0..50)
        .map(|_| {
            let (client, token) = (client.clone(), with_old.clone());
            tokio::spawn(async move { client.verify_token(&token).await.map(drop) })
        })
        .collect();
    for verified in verifying {
        verified.await.unwrap().unwrap();
    }
    assert_eq!(server.count(), 1);
    for _ in 0..10 {
        let error = client.verify_token(&with_new).await.unwrap_err();
        assert!(matches!(error, VerifyError::UnknownKey) && !error.is_outage());
    }
    assert_eq!(server.count(), 1, "made-up key ids do not make a flood");
    clock.advance_secs(30);
    client.verify_token(&with_new).await.unwrap();
    client.verify_token(&with_old).await.unwrap();
    assert_eq!(server.count(), 2);
    clock.advance_secs(HOUR);
    client.verify_token(&with_new).await.unwrap();
    assert_eq!(server.count(), 3, "an hour later they may have been withdrawn");
}

#[tokio::test]
async fn keys_that_cannot_be_read_are_an_outage_and_no_verdict() {
    let signing = key("k1", 1);
    let server = RawServer::start(vec![Answer::json(500, "{}"), published(&[&signing])]).await;
    let clock = clock();
    let client = server.builder().clock(clock.clone()).build().unwrap();
    let token = user_token(&signing, server.url(), "at+jwt", json!({}));
    for _ in 0..3 {
        assert!(client.verify_token(&token).await.unwrap_err().is_outage());
    }
    assert_eq!(server.count(), 1, "a server that is down is not hammered");
    clock.advance_secs(1);
    client.verify_token(&token).await.unwrap();
}

#[tokio::test]
async fn made_up_issuers_do_not_make_a_flood() {
    let server = RawServer::start(vec![Answer::json(404, "{}")]).await;
    let client = server.builder().clock(clock()).build().unwrap();
    let signing = key("k1", 1);
    for number in 0..100 {
        let client_id = format!("sc_{number}");
        let issuer = format!("{}/v1/clients/{client_id}", server.url());
        let token = user_token(&signing, &issuer, "at+jwt", json!({"sub": client_id}));
        client.verify_token(&token).await.unwrap_err();
    }
    assert_eq!(server.count(), 32);
}
