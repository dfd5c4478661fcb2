//! Bodies: strict, bounded, and never a 5xx.

use portcullis_http::HttpOptions;
use serde_json::{Value, json};

use crate::bed::{Bed, record};

const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn a_refused_body_is_400_and_names_the_part() {
    let bed = Bed::start().await;
    for (body, field) in [
        (&br#"{"name":"n","statements":[],"colour":1}"#[..], "colour"),
        (
            br#"{"name":"n","statements":[{"roles":["r"],"resources":[{"resourceUri":"a","x":1}]}]}"#,
            "statements[0].resources[0].x",
        ),
        (br#"{"name":7,"statements":[]}"#, "name"),
        (br#"{"name":"n"}"#, "statements"),
        (br#"{"name":"n","statements":[]}"#, "statements"),
        (br#"{"name":"n","name":"m","statements":[]}"#, "name"),
        (br#"{"name":"n","statements":[],"tags":{"a":"\u0000"}}"#, "tags.a"),
        (
            br#"{"name":"n","statements":[{"roles":["r"],"resources":[{"resourceUri":"a//b"}]}]}"#,
            "statements[0].resources[0].resourceUri",
        ),
        (b"{\"name\":\"\xff\"}", "body"),
        (br#"{"name":"\ud800"}"#, "body"),
        (b"{", "body"),
        (b"{} {}", "body"),
        (b"[]", "body"),
        (b"null", "body"),
        (b"", "body"),
    ] {
        let answer = bed.owner().call("POST", b"/v1/records", JSON, body).await;
        let shown = String::from_utf8_lossy(body).into_owned();
        assert_eq!((answer.status, answer.field().as_str()), (400, field), "{shown} {answer:?}");
        assert!(answer.json()["expected"].is_string());
    }
}

#[tokio::test]
async fn deep_and_long_bodies_are_refused() {
    let bed = Bed::with(HttpOptions { body_limit: 300_000, ..HttpOptions::default() }).await;
    for (open, close) in [("[", "]"), (r#"{"links":"#, "}")] {
        let body = format!("{}1{}", open.repeat(20_000), close.repeat(20_000));
        assert_eq!(bed.owner().call("POST", b"/v1/records", JSON, body.as_bytes()).await.status, 400);
        assert_eq!(
            bed.owner().call("POST", b"/v1/records", JSON, open.repeat(20_000).as_bytes()).await.status,
            400
        );
    }
    let long = vec![b' '; 300_001];
    let answer = bed.owner().call("POST", b"/v1/records", JSON, &long).await;
    assert_eq!((answer.status, answer.field().as_str()), (413, "body"));
    // Within the limit of bodies, but not of records.
    let mut large = record("alice", "docs");
    large["tags"] = (0..2_000)
        .map(|n| (format!("t{n}"), Value::from("v".repeat(100))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let answer = bed.owner().send("POST", "/v1/records", Some(large)).await;
    assert!(matches!(answer.status, 400 | 413), "{answer:?}");
}

#[tokio::test]
async fn a_chunked_body_is_bounded_too() {
    let bed = Bed::with(HttpOptions { body_limit: 1_000, ..HttpOptions::default() }).await;
    let head = format!(
        "POST /v1/roles HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n\r\n",
        bed.owner_key
    );
    let chunk = format!("400\r\n{}\r\n", " ".repeat(0x400));
    let answer = bed.owner().raw(format!("{head}{chunk}{chunk}0\r\n\r\n").as_bytes()).await;
    assert_eq!(answer.status, 413);
    let answer = bed.owner().raw(format!("{head}zz\r\n").as_bytes()).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn az_03_read_only_members_change_nothing() {
    let bed = Bed::start().await;
    let id = bed.grant("alice", "docs").await;
    let target = format!("/v1/records/{id}");
    let before = bed.owner().get(&target).await.json();
    let mut echoed = before.clone();
    echoed["status"] = json!("DELETED");
    echoed["account"] = json!({ "accountId": "acc-other" });
    echoed["capacity"] = json!(1);
    echoed["lastUpdated"] = json!("1999-01-01T00:00:00.000Z");
    echoed["links"] = json!({ "self": { "href": "http://evil.test" }, "more": [{}] });
    let after = bed.owner().send("PUT", &target, Some(echoed)).await;
    assert_eq!(after.status, 202, "{after:?}");
    let after = after.json();
    for member in ["status", "account", "links", "recordId", "statements", "users"] {
        assert_eq!(before[member], after[member], "{member}");
    }
}

#[tokio::test]
async fn optional_bodies_may_be_absent_and_types_count_only_with_a_body() {
    let bed = Bed::start().await;
    let made = bed.owner().send("POST", "/v1/clients", Some(json!({}))).await;
    assert_eq!(made.status, 201);
    let keys = format!("/v1/clients/{}/access-keys", made.json()["clientId"].as_str().unwrap());
    for (headers, body) in
        [("", ""), (JSON, ""), (JSON, "{}"), (JSON, "null"), ("Content-Type: text/plain\r\n", "")]
    {
        let answer = bed.owner().call("POST", keys.as_bytes(), headers, body.as_bytes()).await;
        assert_eq!(answer.status, 201, "{headers:?} {body:?} {answer:?}");
    }
    assert_eq!(bed.owner().send("POST", &keys, None).await.status, 409, "the sixth key");
    assert_eq!(bed.owner().call("GET", b"/v1/roles", JSON, b"").await.status, 200);
    assert_eq!(bed.owner().call("GET", b"/v1/roles", "", b"{ not read").await.status, 200);
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let answer = bed.owner().call("POST", b"/v1/roles", form, b"name=x").await;
    assert_eq!((answer.status, answer.field().as_str()), (415, "Content-Type"));
}
