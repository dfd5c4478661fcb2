//! The authorization code flow: what goes out, and what is not believed when the browser comes back.

use std::collections::BTreeMap;

use portcullis_client::{AuthorizationCodeError, Client, PendingAuthorization, StartedAuthorization};
use serde_json::{Value, json};

use crate::raw_server::{Answer, RawServer, header};

const CALLBACK: &str = "https://shop.example.org/cb?x=1";

/// The parameters of a query or a form, as they are written there.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn asked(started: &StartedAuthorization) -> BTreeMap<String, String> {
    pairs(started.url.split_once('?').unwrap().1)
}

fn encoded(text: &str) -> String {
    text.replace(':', "%3A").replace('/', "%2F")
}

fn tokens(id_token: Option<Value>) -> String {
    use base64::Engine as _;
    let part = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"alg": "EdDSA", "kid": "k", "typ": "JWT"});
    let id_token = id_token.map(|claims| format!("{}.{}.AAAA", part(&header), part(&claims)));
    json!({"access_token": "a", "token_type": "Bearer", "expires_in": 900, "id_token": id_token}).to_string()
}

#[tokio::test]
async fn a_sign_in_is_begun_with_a_challenge_and_redeemed_with_its_verifier() {
    let server = RawServer::start(vec![Answer::json(200, &tokens(None))]).await;
    let client = server.client();
    let flow = client.authorization_code_flow("shop", CALLBACK).client_secret("s&cret").scope("openid email");
    let flow = flow.resource("https://api.example.org").parameter("prompt", "login");
    let (started, other) = (flow.start().unwrap(), flow.start().unwrap());
    assert!(started.url.starts_with(&format!("{}/oauth2/authorize?response_type=code&", server.url())));
    let (asked, others) = (asked(&started), asked(&other));
    for (name, value) in [
        ("client_id", "shop"),
        ("redirect_uri", "https%3A%2F%2Fshop.example.org%2Fcb%3Fx%3D1"),
        ("scope", "openid%20email"),
        ("resource", "https%3A%2F%2Fapi.example.org"),
        ("prompt", "login"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    for name in ["state", "nonce", "code_challenge"] {
        assert_eq!(asked[name].len(), 43, "{name}");
        assert_ne!(asked[name], others[name], "{name}");
    }
    // What is pending can be kept as text, and is not printed.
    let kept = serde_json::to_string(&started.pending).unwrap();
    let verifier = serde_json::from_str::<Value>(&kept).unwrap()["verifier"].as_str().unwrap().to_owned();
    assert!(!format!("{started:?}").contains(&verifier));
    let pending: PendingAuthorization = serde_json::from_str(&kept).unwrap();
    let callback = format!("?code=ac_1&state={}&iss={}", asked["state"], encoded(server.url()));
    assert_eq!(flow.finish(&pending, &callback).await.unwrap().access_token.expose(), "a");
    let request = server.seen().pop().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /oauth2/token "));
    assert_eq!(header(&request, "content-type").as_deref(), Some("application/x-www-form-urlencoded"));
    assert_eq!(header(&request, "authorization"), None, "the client's own credential stays at home");
    let sent = pairs(body);
    assert_eq!((sent["grant_type"].as_str(), sent["code"].as_str()), ("authorization_code", "ac_1"));
    assert_eq!(
        (sent["redirect_uri"].as_str(), sent["client_secret"].as_str()),
        (asked["redirect_uri"].as_str(), "s%26cret")
    );
    assert_eq!(sent["code_verifier"], verifier);
}

#[tokio::test]
async fn as_07_an_answer_to_another_sign_in_or_of_another_issuer_is_not_believed() {
    let server = RawServer::start(vec![Answer::json(200, &tokens(None))]).await;
    let client = server.client();
    let flow = client.authorization_code_flow("shop", CALLBACK);
    let started = flow.start().unwrap();
    let (state, iss) = (asked(&started)["state"].clone(), encoded(server.url()));
    for callback in [
        String::new(),
        "code=ac_1".to_owned(),
        format!("code=ac_1&iss={iss}"),
        format!("code=ac_1&state={state}"),
        format!("code=ac_1&state={}&iss={iss}", &state[1..]),
        format!("code=ac_1&state=&iss={iss}"),
        format!("code=ac_1&state={state}&iss=https%3A%2F%2Fevil.example"),
        format!("code=ac_1&state={state}&iss={iss}%2F"),
        format!("code=ac_1&code=ac_2&state={state}&iss={iss}"),
        format!("error=access_denied&state=x&iss={iss}"),
        format!("state={state}&iss={iss}"),
    ] {
        let answer = flow.finish(&started.pending, &callback).await.unwrap_err();
        assert!(matches!(answer, AuthorizationCodeError::NotOurs(_)), "{callback}: {answer:?}");
    }
    let refused = format!("error=access_denied&error_description=said+no&state={state}&iss={iss}");
    match flow.finish(&started.pending, &refused).await.unwrap_err() {
        AuthorizationCodeError::Refused { error, description } => {
            assert_eq!((error.as_str(), description.as_deref()), ("access_denied", Some("said no")));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(server.count(), 0, "nothing was redeemed");
}

/// A program may reach the server under an address that browsers do not know.
#[tokio::test]
async fn browsers_are_sent_to_the_issuer_and_the_answer_comes_from_it() {
    let server = RawServer::start(vec![Answer::json(200, &tokens(None))]).await;
    let client = Client::builder(server.url()).issuer("https://id.example.org").build().unwrap();
    let flow = client.authorization_code_flow("shop", CALLBACK);
    let started = flow.start().unwrap();
    assert!(started.url.starts_with("https://id.example.org/oauth2/authorize?"), "{}", started.url);
    let answer = |iss: &str| format!("code=ac_1&state={}&iss={}", asked(&started)["state"], encoded(iss));
    let other = flow.finish(&started.pending, &answer(server.url())).await.unwrap_err();
    assert!(matches!(other, AuthorizationCodeError::NotOurs(_)));
    flow.finish(&started.pending, &answer("https://id.example.org")).await.unwrap();
    assert!(server.seen().pop().unwrap().starts_with("POST /oauth2/token "));
}

#[tokio::test]
async fn an_id_token_of_another_sign_in_is_not_believed() {
    let kept = json!({"state": "s", "nonce": "n", "verifier": "v".repeat(43)});
    let pending: PendingAuthorization = serde_json::from_value(kept).unwrap();
    for (name, value) in [
        ("", json!("")),
        ("nonce", json!("other")),
        ("nonce", Value::Null),
        ("aud", json!("other")),
        ("aud", json!(["shop", "other"])),
        ("iss", json!("https://evil.example")),
        ("exp", json!(1_700_000_000)),
        ("exp", json!("4000000000")),
        ("exp", Value::Null),
    ] {
        let server = RawServer::knowing(|url| {
            let mut claims =
                json!({"iss": url, "aud": "shop", "nonce": "n", "sub": "alice", "exp": 4_000_000_000_u64});
            claims[name] = value.clone();
            vec![Answer::json(200, &tokens(Some(claims)))]
        })
        .await;
        let client = server.client();
        let flow = client.authorization_code_flow("shop", CALLBACK);
        let answer = flow.finish(&pending, &format!("code=ac_1&state=s&iss={}", encoded(server.url()))).await;
        match answer {
            Ok(_) => assert_eq!(name, ""),
            Err(error) => {
                assert!(matches!(error, AuthorizationCodeError::NotOurs(_)) && !name.is_empty(), "{name}")
            }
        }
    }
}
