//! What is answered in front of the router is answered as by its route, byte for byte.

use portcullis::Cx;
use portcullis_http::HttpOptions;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::wire::{Answer, Wire};

const LIMIT: usize = 4_000;
const JSON: &str = "Content-Type: application/json\r\n";
const ID: &str = "X-Request-Id: chosen\r\n";
const TWO_BEARERS: &str = "Authorization: Bearer x\r\nAuthorization: Bearer y\r\n";

async fn bed() -> Bed {
    Bed::with(HttpOptions { body_limit: LIMIT, credential_rate_per_minute: 0, ..HttpOptions::default() })
        .await
}

async fn token(bed: &Bed, user: &str) -> String {
    portcullis::token::mint(&bed.portcullis, &Cx::local("test"), user, 600).await.unwrap().token
}

/// Sends the same to a canonical path, which is answered directly, and to the other ways to write it, which are routed.
async fn alike(wire: &Wire, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
    let headers = format!("{ID}{headers}");
    let direct = wire.call(method, path.as_bytes(), &headers, body).await;
    for other in [format!("{path}/"), format!("/{path}"), format!("/{path}/")] {
        let routed = wire.call(method, other.as_bytes(), &headers, body).await;
        assert_eq!(direct.exactly(), routed.exactly(), "{method} {other}");
    }
    direct
}

#[tokio::test]
async fn a_guard_is_answered_as_by_its_route() {
    let bed = bed().await;
    bed.grant("alice", "documents").await;
    let operation = json!({"operation": "doc.read", "permission": "read", "resource": "documents/{id}"});
    assert_eq!(bed.owner().send("POST", "/v1/operations", Some(operation)).await.status, 201);
    let (alice, bob) = (token(&bed, "alice").await, token(&bed, "bob").await);
    let (owner, nobody) = (bed.owner(), bed.nobody());
    let end_user = Wire { address: bed.address, bearer: Some(alice.clone()) };
    let stranger = Wire { address: bed.address, bearer: Some("x.y.z".to_owned()) };
    let asked =
        |token: &str| json!({"token": token, "operation": "doc.read", "resource": {"id": "1"}}).to_string();
    let (yes, no) = (asked(&alice), asked(&bob));
    let who = json!({"token": alice}).to_string();
    let twice = format!(r#"{{"token":"{alice}","token":"{bob}"}}"#);
    let unknown = json!({"token": alice, "resource": {"id": "1", "colour": "red"}}).to_string();
    let wrong = json!({"token": alice, "operation": "Not A Name"}).to_string();
    let large = json!({"token": alice, "metadata": {"x": "x".repeat(LIMIT)}}).to_string();
    for (what, wire, headers, body, status) in [
        ("allowed", &owner, JSON, yes.as_str(), 200),
        ("refused", &owner, JSON, &no, 200),
        ("who it is", &owner, JSON, &who, 200),
        ("no type", &owner, "", &yes, 200),
        ("not JSON", &owner, JSON, "{\"token\":", 400),
        ("not an object", &owner, JSON, "[]", 400),
        ("nothing", &owner, JSON, "", 400),
        ("a member twice", &owner, JSON, &twice, 400),
        ("an unknown member", &owner, JSON, &unknown, 400),
        ("a missing member", &owner, JSON, "{}", 400),
        ("a wrong type of member", &owner, JSON, r#"{"token":1}"#, 400),
        ("no name of an operation", &owner, JSON, &wrong, 400),
        ("too large", &owner, JSON, &large, 413),
        ("wrong content type", &owner, "Content-Type: text/plain\r\n", &yes, 415),
        ("no bearer", &nobody, JSON, &yes, 401),
        ("a bad bearer", &stranger, JSON, &yes, 401),
        ("two bearers", &nobody, TWO_BEARERS, &yes, 400),
        ("one who may not ask", &end_user, JSON, &yes, 403),
    ] {
        let answer = alike(wire, "POST", "/v1/guard", headers, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
        assert_eq!(answer.header("x-request-id"), Some("chosen"), "{what}");
        if status == 200 {
            let outcome: Value = answer.json();
            assert_eq!(outcome["requestId"], "chosen", "{what}");
            assert_eq!(outcome["allowed"], what != "refused", "{what}: {outcome}");
            assert_eq!(
                outcome["decision"]["reasonAdmin"].is_string(),
                what != "who it is",
                "{what}: {outcome}"
            );
        } else {
            assert_eq!(answer.json()["errorId"], "chosen", "{what}");
        }
    }
    for method in ["GET", "PUT", "HEAD", "OPTIONS"] {
        let answer = alike(&owner, method, "/v1/guard", "", b"").await;
        assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")), "{method}");
    }
    let query = owner.send("POST", "/v1/guard?x=1", Some(json!({"token": alice}))).await;
    assert_eq!(query.status, 200, "a query is nothing to it");
}

#[tokio::test]
async fn a_body_that_comes_in_pieces_is_read_whole() {
    let bed = bed().await;
    let alice = token(&bed, "alice").await;
    let body = json!({"token": alice}).to_string();
    let (first, second) = body.split_at(40);
    let request = format!(
        "POST /v1/guard HTTP/1.1\r\nHost: portcullis.test\r\nConnection: close\r\nAuthorization: Bearer {}\r\n{JSON}\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        bed.owner_key,
        first.len(),
        second.len(),
    );
    let answer = bed.owner().raw(request.as_bytes()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = String::from_utf8(answer.body).unwrap();
    assert!(answer.contains(r#""isAuthenticated":true"#) && answer.contains("alice"), "{answer}");
}

#[tokio::test]
async fn a_check_is_answered_as_by_its_route() {
    let bed = bed().await;
    bed.grant("alice", "documents").await;
    let (owner, nobody) = (bed.owner(), bed.nobody());
    let stranger = Wire { address: bed.address, bearer: Some("x.y.z".to_owned()) };
    for (what, wire, path, status) in [
        ("yes", &owner, "/v1/users/alice/resources/documents%2F1/permissions/read", 200),
        ("no", &owner, "/v1/users/bob/resources/documents%2F1/permissions/read", 404),
        ("a bad escape", &owner, "/v1/users/bob/resources/documents%2/permissions/read", 400),
        ("a bad permission", &owner, "/v1/users/bob/resources/documents/permissions/:", 400),
        ("no bearer", &nobody, "/v1/users/alice/resources/documents/permissions/read", 401),
        ("a bad bearer", &stranger, "/v1/users/alice/resources/documents/permissions/read", 401),
    ] {
        let answer = alike(wire, "GET", path, "", b"").await;
        assert_eq!(answer.status, status, "{what}: {answer:?}");
    }
}
