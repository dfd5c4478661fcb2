//! The engine as what an API in its process asks about access tokens: TK-06, TK-11, TK-13.

use portcullis::oauth::{self, Access};
use portcullis::session::Device;
use portcullis::{session, token as user_token};
use portcullis_types::protected_resource::{AccessToken, VerifyAccessToken as _};
use portcullis_types::{AuthError, GuardCode};
use serde_json::json;

use crate::bed::{Bed, START, URL, on_both};
use crate::make::{body, statement};
use crate::oauth_bed::{API, access, app, granted, revoke, token};
use crate::sessions::person;

on_both!(
    tk_11_an_access_token_tells_the_api_whose_it_is_and_what_it_is_good_for,
    tk_13_nothing_but_an_access_token_of_this_installation_is_taken,
    tk_06_what_was_given_up_or_ended_is_refused_at_once,
);

/// Why it was refused; it was no outage.
fn refusal(answer: Result<AccessToken, AuthError>) -> GuardCode {
    match answer {
        Err(AuthError::Invalid { code, .. }) => code,
        other => panic!("{other:?}"),
    }
}

async fn tk_11_an_access_token_tells_the_api_whose_it_is_and_what_it_is_good_for(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    for algorithm in ["EdDSA", "RS256", "ES256"] {
        let id = format!("web-{algorithm}");
        let web = app(&bed, &id, json!({"signingAlgorithm": algorithm})).await;
        let wanted = Access { resource: Some(API.to_owned()), ..access(&web, "alice", "openid read") };
        let tokens = oauth::grant_access(node, Device::default(), wanted).await.unwrap();
        // The second time from memory.
        for _ in 0..2 {
            let told = node.verify_access_token(tokens.access_token.expose()).await.unwrap();
            assert_eq!(
                (told.issuer.as_str(), told.subject.as_str(), told.client_id.as_ref()),
                (URL, "alice", Some(&id))
            );
            assert!(told.has_audience(API) && !told.has_audience(URL), "{algorithm}");
            assert_eq!(
                (told.scopes.join(" ").as_str(), told.expires_at),
                ("openid read", START.plus_secs(900))
            );
            let known = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
            assert!(known.iter().all(|name| !told.claims.contains_key(*name)), "{:?}", told.claims);
            assert_eq!(
                (&told.claims["scope"], &told.claims["client_id"]),
                (&json!("openid read"), &json!(id))
            );
        }
        let pairs = [("grant_type", "client_credentials"), ("resource", API), ("scope", "write")];
        let own = token(node, &web, &pairs).await.unwrap();
        let told = node.verify_access_token(own.access_token.expose()).await.unwrap();
        assert_eq!(
            (told.subject, told.client_id, told.scopes),
            (id.clone(), Some(id), vec!["write".to_owned()])
        );
    }
}

async fn tk_13_nothing_but_an_access_token_of_this_installation_is_taken(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let web = app(&bed, "web", json!({})).await;
    let tokens = granted(node, &web, "alice", "openid offline_access").await;
    let limited = body(json!({"statements": [statement(&["Authress:Owner"], &["docs"])]}));
    let limited = user_token::create(node, &bed.owner, "alice", limited).await.unwrap();
    for (text, what) in [
        (tokens.id_token.as_ref().unwrap().expose(), "an ID token"),
        (tokens.refresh_token.as_ref().unwrap().expose(), "a refresh token"),
        (bed.key.reveal().as_str(), "an access key"),
        (limited.token.as_str(), "a token that is limited to statements"),
        (&format!("{}x", tokens.access_token.expose()), "another signature"),
        ("", "nothing"),
    ] {
        let code = refusal(node.verify_access_token(text).await);
        assert!(matches!(code, GuardCode::TokenInvalid | GuardCode::TokenMalformed), "{what}: {code:?}");
    }
    // Of this installation, so that it is taken; for whom it is, the API compares.
    let minted = bed.mint("alice").await;
    assert!(node.verify_access_token(&minted.token).await.unwrap().has_audience(URL));
}

async fn tk_06_what_was_given_up_or_ended_is_refused_at_once(bed: Bed) {
    let node = &bed.portcullis;
    person(&bed, "alice").await;
    let web = app(&bed, "web", json!({})).await;
    let (one, two) = (granted(node, &web, "alice", "read").await, granted(node, &web, "alice", "read").await);
    for tokens in [&one, &two] {
        node.verify_access_token(tokens.access_token.expose()).await.unwrap();
    }
    revoke(node, &web, one.access_token.expose()).await;
    let code = refusal(node.verify_access_token(one.access_token.expose()).await);
    assert_eq!(code, GuardCode::TokenRevoked);
    node.verify_access_token(two.access_token.expose()).await.unwrap();
    session::end_every(node, &bed.owner, "alice").await.unwrap();
    assert_eq!(refusal(node.verify_access_token(two.access_token.expose()).await), GuardCode::TokenRevoked);
    let late = granted(node, &web, "alice", "read").await;
    bed.clock.forward(901);
    assert_eq!(refusal(node.verify_access_token(late.access_token.expose()).await), GuardCode::TokenExpired);
}
