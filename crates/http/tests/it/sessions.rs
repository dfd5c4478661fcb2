//! `/v1/auth/*` over the wire: signing in, refreshing, logging out, and who may see and end which session.

use portcullis::sign_in;
use portcullis::{Cx, Portcullis};
use portcullis_http::HttpOptions;
use portcullis_types::auth::RegisterBody;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::wire::{Answer, Wire};

const PASSWORD: &str = "an unusual walrus sings at noon";

/// Registers a person, and gives their id.
async fn person(portcullis: &Portcullis, email: &str) -> String {
    let body = RegisterBody {
        email: email.to_owned(),
        password: PASSWORD.to_owned().into(),
        name: Some("Alice".to_owned()),
        pool: None,
    };
    match sign_in::register(portcullis, &Cx::nobody(None), body).await.unwrap() {
        sign_in::Registered::Created(user) => user.user_id,
        sign_in::Registered::MailBound => panic!("there is no mailer"),
    }
}

async fn post(wire: &Wire, path: &str, body: Value) -> Answer {
    wire.send("POST", &format!("/v1/auth/{path}"), Some(body)).await
}

async fn log_in(bed: &Bed, email: &str) -> Value {
    let body = json!({ "email": email, "password": PASSWORD, "device_name": "Laptop" });
    let answer = post(&bed.nobody(), "login", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

fn by(bed: &Bed, tokens: &Value) -> Wire {
    Wire { address: bed.address, bearer: tokens["access_token"].as_str().map(str::to_owned) }
}

fn is_401(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (401, code), "{answer:?}");
    assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"));
}

#[tokio::test]
async fn a_sign_in_from_its_beginning_to_its_end() {
    let bed = Bed::start().await;
    let user_id = person(&bed.portcullis, "alice@example.org").await;
    let tokens = log_in(&bed, "Alice@Example.ORG").await;
    assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&json!("Bearer"), &json!(900)));
    let user =
        json!({ "id": user_id, "email": "alice@example.org", "name": "Alice", "email_verified": false });
    assert_eq!(tokens["user"], user);
    let alice = by(&bed, &tokens);
    assert_eq!(alice.get("/v1/auth/me").await.json(), user);
    let sessions = alice.get("/v1/auth/sessions").await.json()["sessions"].clone();
    assert_eq!(sessions.as_array().unwrap().len(), 1);
    assert_eq!((&sessions[0]["current"], &sessions[0]["device_name"]), (&json!(true), &json!("Laptop")));

    let refreshed = post(&bed.nobody(), "refresh", json!({ "refresh_token": tokens["refresh_token"] })).await;
    assert_eq!((refreshed.status, refreshed.header("cache-control")), (200, Some("no-store")));
    let refreshed = refreshed.json();
    assert_ne!(refreshed["refresh_token"], tokens["refresh_token"]);
    let by_bearer = post(&by(&bed, &refreshed), "refresh", json!({})).await;
    assert_eq!(by_bearer.status, 200, "{by_bearer:?}");
    assert!(by_bearer.json().get("refresh_token").is_none());
    // Without any body too.
    assert_eq!(alice.send("POST", "/v1/auth/refresh", None).await.status, 200);

    let alive = post(&bed.nobody(), "verify", json!({ "token": refreshed["access_token"] })).await.json();
    assert_eq!((&alive["active"], &alive["sub"]), (&json!(true), &json!(user_id)));
    let out = post(&bed.nobody(), "logout", json!({ "refresh_token": refreshed["refresh_token"] })).await;
    assert_eq!((out.status, out.body.is_empty()), (204, true));
    let dead = post(&bed.nobody(), "verify", json!({ "token": refreshed["access_token"] })).await;
    assert_eq!((dead.status, dead.json()), (200, json!({ "active": false })));
    is_401(&post(&by(&bed, &refreshed), "logout", json!({})).await, "token_revoked");
    is_401(
        &post(&bed.nobody(), "refresh", json!({ "refresh_token": refreshed["refresh_token"] })).await,
        "token_revoked",
    );
    let revoked = by(&bed, &refreshed).get("/v1/auth/me").await;
    is_401(&revoked, "token_revoked");
    let challenge =
        r#"Bearer realm="portcullis", error="invalid_token", error_description="the session has ended""#;
    assert!(revoked.header("www-authenticate").unwrap().starts_with(challenge));
    let missing = bed.nobody().get("/v1/auth/me").await;
    is_401(&missing, "Unauthenticated");
    let challenge = missing.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with(r#"Bearer realm="portcullis""#) && !challenge.contains("error="),
        "{challenge}"
    );
}

#[tokio::test]
async fn au_09_a_wrong_password_and_an_unknown_address_are_refused_alike() {
    let bed = Bed::start().await;
    person(&bed.portcullis, "alice@example.org").await;
    for email in ["alice@example.org", "nobody@example.org"] {
        let body = json!({ "email": email, "password": "another unusual walrus" });
        is_401(&post(&bed.nobody(), "login", body).await, "invalid_credentials");
    }
    for _ in 0..9 {
        post(&bed.nobody(), "login", json!({ "email": "alice@example.org", "password": "wrong" })).await;
    }
    let body = json!({ "email": "alice@example.org", "password": PASSWORD });
    let locked = post(&bed.nobody(), "login", body).await;
    assert_eq!(locked.status, 429, "{locked:?}");
    assert!(locked.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
}

#[tokio::test]
async fn a_bearer_beside_a_refresh_token_need_not_be_good() {
    let bed = Bed::start().await;
    person(&bed.portcullis, "alice@example.org").await;
    for header in ["Bearer a.b.c", "Bearer", "Basic YTpi"] {
        let body = json!({ "refresh_token": log_in(&bed, "alice@example.org").await["refresh_token"] });
        let headers = format!("Content-Type: application/json\r\nAuthorization: {header}\r\n");
        let with = async |path: &[u8]| {
            bed.nobody().call("POST", path, &headers, body.to_string().as_bytes()).await.status
        };
        assert_eq!(with(b"/v1/auth/refresh").await, 200, "{header}");
        assert_eq!(with(b"/v1/auth/logout").await, 204, "{header}");
    }
    let nobody = bed.nobody();
    is_401(&post(&nobody, "refresh", json!({})).await, "token_missing");
    is_401(&post(&nobody, "logout", json!({})).await, "token_missing");
    is_401(&post(&nobody, "refresh", json!({ "refresh_token": "rt_x.y" })).await, "token_invalid");
    let two = "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n";
    assert_eq!(bed.nobody().call("POST", b"/v1/auth/logout", two, b"").await.status, 400);
    let odd = post(&nobody, "login", json!({ "email": "a@b.c", "password": "p", "admin": true })).await;
    assert_eq!((odd.status, odd.field().as_str()), (400, "admin"));
}

#[tokio::test]
async fn se_06_sessions_are_seen_and_ended_by_their_user_and_by_whoever_manages_them() {
    let bed = Bed::start().await;
    let alice_id = person(&bed.portcullis, "alice@example.org").await;
    person(&bed.portcullis, "bob@example.org").await;
    let (first, second) = (log_in(&bed, "alice@example.org").await, log_in(&bed, "alice@example.org").await);
    let (alice, bob) = (by(&bed, &first), by(&bed, &log_in(&bed, "bob@example.org").await));
    let path = format!("/v1/users/{alice_id}/sessions");
    let listed = bed.owner().get(&path).await.json()["sessions"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let other = alice.get("/v1/auth/sessions").await.json()["sessions"].clone();
    let other = other.as_array().unwrap().iter().find(|one| one["current"] == json!(false)).unwrap().clone();
    let one = format!("/v1/auth/sessions/{}", other["id"].as_str().unwrap());
    for (method, target) in [("GET", path.as_str()), ("DELETE", path.as_str()), ("DELETE", one.as_str())] {
        assert_eq!(bob.send(method, target, None).await.status, 404, "{method} {target}");
    }
    assert_eq!(alice.send("DELETE", &one, None).await.status, 204);
    assert_eq!(alice.send("DELETE", &one, None).await.status, 404);
    assert_eq!(by(&bed, &second).get("/v1/auth/me").await.status, 401);
    assert_eq!(bed.owner().send("DELETE", &path, None).await.status, 204);
    assert_eq!(alice.get("/v1/auth/me").await.status, 401);
    // Logging out everywhere, and in again at once.
    let third = log_in(&bed, "alice@example.org").await;
    assert_eq!(by(&bed, &third).send("POST", "/v1/auth/logout/all", None).await.status, 204);
    assert_eq!(by(&bed, &third).get("/v1/auth/me").await.status, 401);
    let fourth = log_in(&bed, "alice@example.org").await;
    assert_eq!(by(&bed, &fourth).get("/v1/auth/me").await.status, 200);
    assert_eq!(bed.owner().get("/v1/auth/me").await.status, 404, "a service client is no user");
}

#[tokio::test]
async fn attempts_at_a_credential_are_limited_by_address_and_say_when_to_come_back() {
    let bed = Bed::with(HttpOptions { credential_rate_per_minute: 3, ..HttpOptions::default() }).await;
    person(&bed.portcullis, "alice@example.org").await;
    let tokens = log_in(&bed, "alice@example.org").await;
    assert_eq!(post(&bed.nobody(), "verify", json!({ "token": "x" })).await.status, 200);
    is_401(&post(&bed.nobody(), "refresh", json!({ "refresh_token": "x" })).await, "token_invalid");
    for path in ["login", "refresh", "logout", "verify"] {
        let answer = post(&bed.nobody(), path, json!({})).await;
        assert_eq!((answer.status, answer.code().as_str()), (429, "RateLimited"), "{path}");
        assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    }
    // A caller with a good bearer has no limit.
    for _ in 0..10 {
        assert_eq!(by(&bed, &tokens).get("/v1/auth/me").await.status, 200);
    }
}
