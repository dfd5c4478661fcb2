//! Organizations over HTTP: their statuses, and that an outsider learns nothing from any route.

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

/// Organizations `a` of alice and `b` of bob, the first with one of everything.
async fn filled() -> Bed {
    let bed = Bed::start().await;
    let owner = bed.owner();
    for (id, who) in [("a", "alice"), ("b", "bob")] {
        make(&owner, "/v1/organizations", json!({"organizationId": id, "name": id, "owner": who})).await;
    }
    make(&owner, "/v1/organizations/a/tenants", json!({"tenantId": "t", "name": "T", "region": "eu"})).await;
    make(&owner, "/v1/products", json!({"productId": "p", "name": "P"})).await;
    let features = json!({"calls": {"metered": {"allowance": 3}}});
    make(&owner, "/v1/products/p/plans", json!({"planId": "gold", "name": "Gold", "features": features}))
        .await;
    let sold = json!({"subscriptionId": "s", "planId": "gold", "seatCount": 2});
    make(&owner, "/v1/organizations/a/subscriptions", sold).await;
    bed
}

/// What an answer says, without what differs between any two requests.
fn said(answer: &Answer) -> (u16, Value) {
    if answer.body.is_empty() {
        return (answer.status, Value::Null);
    }
    let mut body = answer.json();
    if let Some(body) = body.as_object_mut() {
        body.remove("errorId");
    }
    (answer.status, body)
}

#[tokio::test]
async fn az_02_every_route_of_an_organization_answers_an_outsider_as_if_it_were_not_there() {
    let bed = filled().await;
    let bob = user(&bed, "bob").await;
    assert_eq!(bob.get("/v1/organizations/b").await.status, 200, "bob is somebody");
    let document = serde_json::to_value(portcullis_http::openapi()).unwrap();
    let mut asked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/v1/organizations/{organizationId}") {
            continue;
        }
        for method in item.as_object().unwrap().keys() {
            let fill = |organization: &str, [tenant, subscription, user]: [&str; 3]| {
                path.replace("{organizationId}", organization)
                    .replace("{tenantId}", tenant)
                    .replace("{subscriptionId}", subscription)
                    .replace("{userId}", user)
            };
            let bodies = [
                json!({"name": "n", "planId": "gold", "roles": ["VIEWER"]}),
                json!({"name": "n"}),
                json!({"planId": "gold"}),
                json!({"roles": ["VIEWER"]}),
            ];
            for body in bodies {
                let ask = async |target: String| {
                    said(&bob.send(&method.to_uppercase(), &target, Some(body.clone())).await)
                };
                let theirs = ask(fill("a", ["t", "s", "alice"])).await;
                let nowhere = ask(fill("none", ["none", "none", "none"])).await;
                assert_eq!(theirs, nowhere, "{method} {path} {body}");
                assert!(matches!(theirs.0, 400 | 404), "{method} {path}: {theirs:?}");
                if path.contains("{tenantId}") || path.contains("{subscriptionId}") {
                    let foreign = ask(fill("b", ["t", "s", "alice"])).await;
                    assert_eq!(
                        foreign,
                        ask(fill("b", ["none", "none", "alice"])).await,
                        "{method} {path} in b"
                    );
                }
                asked += 1;
            }
        }
    }
    assert!(asked > 80, "{asked}");
}

#[tokio::test]
async fn organizations_members_and_tenants() {
    let bed = filled().await;
    let (owner, alice) = (bed.owner(), user(&bed, "alice").await);
    let call = async |wire: &Wire, method: &str, target: &str, body: Value| {
        wire.send(method, target, if body.is_null() { None } else { Some(body) }).await.status
    };
    for (wire, method, target, body, expected) in [
        (&owner, "POST", "/v1/organizations", json!({"organizationId": "a", "name": "n"}), 409),
        (&alice, "POST", "/v1/organizations", json!({"name": "n"}), 403),
        (&alice, "PUT", "/v1/organizations/a", json!({"name": "Acme"}), 200),
        (&alice, "PUT", "/v1/organizations/a", json!({"name": "Acme", "tier": "gold"}), 400),
        (&alice, "PUT", "/v1/organizations/a/members/mem", json!({"roles": ["MEMBER"]}), 200),
        (&alice, "GET", "/v1/organizations/a/members/mem", Value::Null, 200),
        (&alice, "PUT", "/v1/organizations/a/members/alice", json!({"roles": ["MEMBER"]}), 409),
        (&alice, "PUT", "/v1/organizations/a/members/mem", json!({}), 400),
        (&alice, "PUT", "/v1/organizations/a/tenants/t", json!({"name": "T2"}), 200),
        (&alice, "POST", "/v1/organizations/a/tenants/t/suspend", Value::Null, 200),
        (&alice, "POST", "/v1/organizations/a/suspend", Value::Null, 403),
        (&owner, "POST", "/v1/organizations/a/suspend", Value::Null, 200),
        (&alice, "DELETE", "/v1/organizations/a/members/mem", Value::Null, 409),
        (&owner, "POST", "/v1/organizations/a/resume", Value::Null, 200),
        (&alice, "PUT", "/v1/organizations/a/subscriptions/s/seats/mem", Value::Null, 200),
        (&alice, "PUT", "/v1/organizations/a/subscriptions/s/seats/none", Value::Null, 404),
        (&alice, "GET", "/v1/organizations/a/subscriptions/s/usage", Value::Null, 200),
        (&alice, "PUT", "/v1/organizations/a/subscriptions/s", json!({"planId": "gold"}), 403),
        (
            &owner,
            "PUT",
            "/v1/organizations/a/subscriptions/s",
            json!({"planId": "gold", "status": "expired"}),
            200,
        ),
        (
            &owner,
            "PUT",
            "/v1/organizations/a/subscriptions/s",
            json!({"planId": "gold", "status": "active"}),
            400,
        ),
        (&owner, "DELETE", "/v1/products/p/plans/gold", Value::Null, 409),
        (&alice, "GET", "/v1/products", Value::Null, 403),
        (&alice, "DELETE", "/v1/organizations/a/members/mem", Value::Null, 204),
        (&alice, "DELETE", "/v1/organizations/a", Value::Null, 204),
        (&owner, "GET", "/v1/organizations/a", Value::Null, 404),
    ] {
        assert_eq!(call(wire, method, target, body.clone()).await, expected, "{method} {target} {body}");
    }
    let bob = user(&bed, "bob").await.get("/v1/organizations").await.json();
    assert_eq!(bob["organizations"].as_array().unwrap().len(), 1);
    assert_eq!(bob["organizations"][0]["organizationId"], "b");
}

#[tokio::test]
async fn az_03_read_only_fields_of_an_organization_are_accepted_and_change_nothing() {
    let bed = filled().await;
    let alice = user(&bed, "alice").await;
    let mut shown = alice.get("/v1/organizations/a").await.json();
    shown["status"] = json!("suspended");
    shown["createdAt"] = json!("2000-01-01T00:00:00Z");
    let answer = alice.send("PUT", "/v1/organizations/a", Some(shown)).await;
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("active")));
    assert!(!answer.json()["createdAt"].as_str().unwrap().starts_with("2000"));
}
