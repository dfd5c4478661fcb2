//! Who may see and move credits over HTTP.

use serde_json::{Value, json};

use crate::bed::Bed;
use crate::wire::{Answer, Wire};

/// A user with everything that they may.
async fn user(bed: &Bed, id: &str) -> Wire {
    let body = json!({"statements": [{"roles": ["Authress:Owner"], "resources": [{"resourceUri": "*"}]}]});
    let answer = bed.owner().send("POST", &format!("/v1/users/{id}/tokens"), Some(body)).await;
    Wire { address: bed.address, bearer: answer.json()["token"].as_str().map(str::to_owned) }
}

async fn make(wire: &Wire, target: &str, body: Value) -> Value {
    let answer = wire.send("POST", target, Some(body)).await;
    assert_eq!(answer.status, 201, "{target} {answer:?}");
    answer.json()
}

/// Organizations `a` of alice and `b` of bob; `a` has a wallet with a grant, a pending reservation and a committed one.
async fn filled() -> (Bed, [String; 2]) {
    let bed = Bed::start().await;
    let owner = bed.owner();
    for (id, who) in [("a", "alice"), ("b", "bob")] {
        make(&owner, "/v1/organizations", json!({"organizationId": id, "name": id, "owner": who})).await;
    }
    make(&owner, "/v1/credits/accounts/a/grants", json!({"amount": 100, "grantId": "grt_a"})).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let held = make(&owner, "/v1/credits/reservations", json!({"accountId": "a", "amount": 10})).await;
        ids.push(held["reservationId"].as_str().unwrap().to_owned());
    }
    let commit = format!("/v1/credits/reservations/{}/commit", ids[1]);
    assert_eq!(owner.send("POST", &commit, None).await.status, 200);
    (bed, [ids.remove(0), ids.remove(0)])
}

/// What an answer says, without what differs between any two requests.
fn said(answer: &Answer) -> (u16, Value) {
    let mut body = if answer.body.is_empty() { Value::Null } else { answer.json() };
    if let Some(body) = body.as_object_mut() {
        body.remove("errorId");
    }
    (answer.status, body)
}

#[tokio::test]
async fn az_02_every_route_of_credits_answers_an_outsider_as_if_nothing_were_there() {
    let (bed, reservations) = filled().await;
    let bob = user(&bed, "bob").await;
    assert_eq!(bob.get("/v1/organizations/b").await.status, 200, "bob is somebody");
    let document = serde_json::to_value(portcullis_http::openapi()).unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/v1/credits") {
            continue;
        }
        for method in item.as_object().unwrap().keys().map(|method| method.to_uppercase()) {
            for reservation in &reservations {
                let ask = async |account: &str, grant: &str, reservation: &str| {
                    let target = path
                        .replace("{accountId}", account)
                        .replace("{grantId}", grant)
                        .replace("{reservationId}", reservation);
                    let body = match path.as_str() {
                        "/v1/credits/reservations" => json!({"accountId": account, "amount": 1}),
                        "/v1/credits/refunds" => json!({"reservationId": reservation, "amount": 1}),
                        path if path.ends_with("/grants") => json!({"amount": 1}),
                        _ => json!({}),
                    };
                    let body = (method != "GET").then_some(body);
                    said(&bob.send(&method, &target, body).await)
                };
                let theirs = ask("a", "grt_a", reservation).await;
                assert_eq!(theirs, ask("none", "none", "none").await, "{method} {path}");
                assert_eq!(theirs.0, 404, "{method} {path}: {theirs:?}");
                if path.contains("{grantId}") {
                    assert_eq!(ask("b", "grt_a", "").await, ask("b", "none", "").await, "{method} {path}");
                }
                asked += 1;
            }
        }
    }
    assert!(asked >= 20, "{asked}");
    let wallet = bed.owner().get("/v1/credits/accounts/a").await.json();
    assert_eq!(
        (&wallet["balances"][0]["available"], &wallet["balances"][0]["held"]),
        (&json!(80), &json!(10))
    );
}

#[tokio::test]
async fn a_member_with_billing_read_reads_the_wallet_of_the_organization_and_moves_nothing() {
    let (bed, [pending, committed]) = filled().await;
    let owner = bed.owner();
    for (id, action) in [("ro_bills", "billing:read"), ("ro_docs", "documents:read")] {
        let permissions = json!([{"action": action, "allow": true, "grant": false, "delegate": false}]);
        make(&owner, "/v1/roles", json!({"roleId": id, "name": id, "permissions": permissions})).await;
    }
    for (who, role) in [("vic", "VIEWER"), ("bill", "ro_bills"), ("doc", "ro_docs")] {
        let target = format!("/v1/organizations/a/members/{who}");
        let joined = owner.send("PUT", &target, Some(json!({"roles": [role]}))).await;
        assert_eq!(joined.status, 200, "{joined:?}");
    }
    for (who, read, write) in [("alice", 200, 403), ("vic", 200, 403), ("bill", 200, 403), ("doc", 404, 404)]
    {
        let wire = user(&bed, who).await;
        for list in ["", "/grants", "/entries"] {
            let answer = wire.get(&format!("/v1/credits/accounts/a{list}")).await;
            assert_eq!(answer.status, read, "{who} {list}: {answer:?}");
        }
        for (target, body) in [
            ("/v1/credits/accounts/a/grants".to_owned(), json!({"amount": 1})),
            ("/v1/credits/accounts/a/grants/grt_a/void".to_owned(), json!({})),
            ("/v1/credits/reservations".to_owned(), json!({"accountId": "a", "amount": 1})),
            (format!("/v1/credits/reservations/{pending}/commit"), json!({})),
            (format!("/v1/credits/reservations/{pending}/release"), json!({})),
            (format!("/v1/credits/reservations/{pending}/extend"), json!({})),
            ("/v1/credits/refunds".to_owned(), json!({"reservationId": committed})),
        ] {
            let answer = wire.send("POST", &target, Some(body)).await;
            assert_eq!(answer.status, write, "{who} {target}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn the_header_is_the_same_key_as_the_bodys() {
    let (bed, _) = filled().await;
    let owner = bed.owner();
    let ask = async |key: &str, body: Value| {
        let headers = format!("Content-Type: application/json\r\nIdempotency-Key: {key}\r\n");
        let body = serde_json::to_vec(&body).unwrap();
        owner.call("POST", b"/v1/credits/reservations", &headers, &body).await
    };
    let first = ask("k", json!({"accountId": "a", "amount": 5})).await;
    assert_eq!(first.status, 201, "{first:?}");
    let again = ask("k", json!({"accountId": "a", "amount": 5, "idempotencyKey": "k"})).await;
    assert_eq!((again.status, again.json()), (201, first.json()));
    let in_body = json!({"accountId": "a", "amount": 5, "idempotencyKey": "k"});
    let in_body = owner.send("POST", "/v1/credits/reservations", Some(in_body)).await;
    assert_eq!(in_body.json(), first.json());
    let other = ask("k", json!({"accountId": "a", "amount": 6})).await;
    assert_eq!((other.status, other.json()["errorCode"].clone()), (409, json!("idempotency_conflict")));
    let two = ask("k", json!({"accountId": "a", "amount": 5, "idempotencyKey": "other"})).await;
    assert_eq!((two.status, two.field().as_str()), (400, "Idempotency-Key"));
    for bad in ["", &"k".repeat(256), "k\r\nIdempotency-Key: l"] {
        let refused = ask(bad, json!({"accountId": "a", "amount": 5})).await;
        assert_eq!((refused.status, refused.field().as_str()), (400, "Idempotency-Key"), "{bad:?}");
    }
    let wallet = owner.get("/v1/credits/accounts/a").await.json();
    assert_eq!(wallet["balances"][0]["available"], 75);
}

#[tokio::test]
async fn a_hold_is_extended_until_it_is_settled_and_for_a_day_at_most() {
    let (bed, [pending, committed]) = filled().await;
    let owner = bed.owner();
    let extend = async |id: &str, seconds: Value| {
        let target = format!("/v1/credits/reservations/{id}/extend");
        owner.send("POST", &target, Some(json!({"ttlSeconds": seconds}))).await
    };
    let longer = extend(&pending, json!(3_600)).await;
    assert_eq!((longer.status, longer.json()["state"].clone()), (200, json!("pending")), "{longer:?}");
    for bad in [json!(0), json!(-1), json!(86_401), json!(i64::MAX), json!(1.5), json!("60")] {
        let refused = extend(&pending, bad.clone()).await;
        assert_eq!((refused.status, refused.field().as_str()), (400, "ttlSeconds"), "{bad}");
    }
    let closed = extend(&committed, json!(60)).await;
    assert_eq!((closed.status, closed.json()["errorCode"].clone()), (409, json!("reservation_closed")));
    assert_eq!(extend("rsv_none", json!(60)).await.status, 404);
}
