//! Headers: the bearer, the request id, preconditions, and what every answer carries.

use serde_json::json;

use crate::bed::{Bed, record};

#[tokio::test]
async fn two_credentials_are_refused_and_the_header_is_named() {
    let bed = Bed::start().await;
    let again = format!("Authorization: Bearer {}\r\n", bed.owner_key);
    let answer = bed.owner().call("GET", b"/v1/roles", &again, b"").await;
    assert_eq!((answer.status, answer.field().as_str()), (400, "Authorization"));
}

#[tokio::test]
async fn odd_credentials_are_401() {
    let bed = Bed::start().await;
    let long = format!("Bearer {}", "a".repeat(20_000));
    for value in
        ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer \u{e9}", "bearerx", long.as_str()]
    {
        let answer =
            bed.nobody().call("GET", b"/v1/roles", &format!("Authorization: {value}\r\n"), b"").await;
        assert_eq!(answer.status, 401, "{value:.40}");
        assert!(answer.header("www-authenticate").is_some());
    }
    let lower = format!("authorization: bearer {}\r\n", bed.owner_key);
    assert_eq!(bed.nobody().call("GET", b"/v1/roles", &lower, b"").await.status, 200);
    let query = format!("/v1/roles?access_token={}", bed.owner_key);
    assert_eq!(bed.nobody().get(&query).await.status, 401, "a token in a query is not taken");
}

#[tokio::test]
async fn a_request_id_is_echoed_if_it_is_plain_and_else_made() {
    let bed = Bed::start().await;
    let with = async |value: &str| {
        let answer =
            bed.owner().call("GET", b"/v1/unknown", &format!("X-Request-ID: {value}\r\n"), b"").await;
        assert_eq!(answer.code(), "NotFound");
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(with("req-1.A_b").await, "req-1.A_b");
    let mut seen = std::collections::HashSet::new();
    for odd in ["a b", "<script>", &"a".repeat(129), ""] {
        let id = with(odd).await;
        assert!(id != odd && seen.insert(id));
    }
    let made = bed.owner().call("GET", b"/v1/roles", "X-Request-ID: a\r\nX-Request-ID: b\r\n", b"").await;
    assert!(!["a", "b"].contains(&made.header("x-request-id").unwrap()));
}

#[tokio::test]
async fn every_answer_names_its_node_and_is_not_kept() {
    let bed = Bed::start().await;
    for target in ["/v1/roles", "/v1/unknown", "/unknown", "/v1/users/a/resources/b/permissions/c"] {
        let answer = bed.owner().get(target).await;
        assert_eq!(answer.header("x-portcullis-node"), Some("node-a"), "{target}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{target}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{target}");
    }
    let keys = bed.nobody().get("/.well-known/openid-configuration/jwks").await;
    assert_eq!(keys.header("cache-control"), Some("public, max-age=300"));
}

#[tokio::test]
async fn an_update_after_a_change_is_412_and_says_when_it_changed() {
    let bed = Bed::start().await;
    let id = bed.grant("alice", "docs").await;
    let target = format!("/v1/records/{id}");
    let read = bed.owner().get(&target).await;
    let last = read.json()["lastUpdated"].as_str().unwrap().to_owned();
    assert_eq!(read.header("last-modified"), Some(last.as_str()));
    let body = record("alice", "docs").to_string();
    let put = async |since: &str| {
        let headers = format!("If-Unmodified-Since: {since}\r\n");
        bed.owner().call("PUT", target.as_bytes(), &headers, body.as_bytes()).await
    };
    let old = put("Sat, 01 Jan 2000 00:00:00 GMT").await;
    assert_eq!(
        (old.status, old.code().as_str(), old.header("last-modified")),
        (412, "PreconditionFailed", Some(last.as_str()))
    );
    for odd in ["yesterday", "0", "x\r\nIf-Unmodified-Since: y"] {
        assert_eq!(put(odd).await.field(), "If-Unmodified-Since", "{odd}");
    }
    let done = put(&last).await;
    assert_eq!(done.status, 202);
    assert_eq!(done.header("last-modified"), done.json()["lastUpdated"].as_str());
    assert_eq!(put(&last).await.status, 412, "of two writers with one expectation the second is refused");
}

#[tokio::test]
async fn metrics_are_labelled_by_route_templates_and_given_only_where_there_are_some() {
    let bed = Bed::start().await;
    assert_eq!(bed.nobody().get("/metrics").await.status, 404);
    let options = portcullis_http::HttpOptions {
        metrics: Some(std::sync::Arc::new(|| "up 1\n".to_owned())),
        ..Default::default()
    };
    let answer = Bed::with(options).await.nobody().get("/metrics").await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"up 1\n"[..]));
}

#[tokio::test]
async fn az_13_a_refused_management_call_is_in_the_audit_trail_and_a_denied_check_is_not() {
    let bed = Bed::start().await;
    let alice = bed.user("alice").await;
    assert_eq!(
        alice.send("POST", "/v1/roles", Some(json!({ "name": "r", "permissions": [] }))).await.status,
        403
    );
    assert_eq!(alice.get("/v1/users/bob/resources/docs/permissions/read").await.status, 403);
    // Written beside the answer, so it may take a moment.
    for _ in 0..200 {
        let found = bed.owner().get("/v1/audit?action=role.create&actor=alice").await.json();
        if let Some(event) = found["events"].as_array().and_then(|events| events.first()) {
            assert_eq!(event["outcome"], "refused");
            let all = bed.owner().get("/v1/audit?actor=alice&limit=100").await.json();
            assert_eq!(all["events"].as_array().unwrap().len(), 1);
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the refusal is not in the audit trail");
}
