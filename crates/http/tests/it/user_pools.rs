//! User pools and their users over the wire, for those who manage them.

use std::sync::Arc;

use portcullis::mail::InboxMailer;
use portcullis_http::HttpOptions;
use serde_json::json;

use crate::bed::Bed;
use crate::wire::Wire;

const GOOD: &str = "seven quiet herons fold paper";

/// Registers a person in a pool without a mailer; gives the id, and calls as them.
async fn person(bed: &Bed, pool: &str, email: &str) -> (String, Wire) {
    let body = json!({ "email": email, "password": GOOD, "pool": pool });
    let answer = bed.nobody().send("POST", "/v1/auth/register", Some(body)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let tokens = answer.json();
    let bearer = tokens["access_token"].as_str().map(str::to_owned);
    (tokens["user"]["id"].as_str().unwrap().to_owned(), Wire { address: bed.address, bearer })
}

#[tokio::test]
async fn a_pool_is_set_read_and_listed_and_decides_who_registers() {
    let bed = Bed::start().await;
    let owner = bed.owner();
    assert_eq!(owner.get("/v1/user-pools/shop").await.status, 404);
    let body = json!({ "name": "Shop", "registration": "open", "requireVerifiedEmail": false });
    let set = owner.send("PUT", "/v1/user-pools/shop", Some(body)).await;
    assert_eq!(set.status, 200, "{set:?}");
    let pool = set.json();
    assert_eq!(
        (&pool["poolId"], &pool["name"], &pool["registration"]),
        (&json!("shop"), &json!("Shop"), &json!("open"))
    );
    assert_eq!(owner.get("/v1/user-pools/shop").await.json(), pool);
    let listed = owner.get("/v1/user-pools?limit=1").await.json();
    assert_eq!(listed["userPools"][0]["poolId"], "main");
    let next = listed["pagination"]["next"]["cursor"].as_str().unwrap();
    let rest = owner.get(&format!("/v1/user-pools?limit=1&cursor={next}")).await.json();
    assert_eq!((&rest["userPools"][0], rest.get("pagination")), (&pool, None));
    person(&bed, "shop", "alice@example.org").await;
    person(&bed, "main", "alice@example.org").await;
    let closed = owner.send("PUT", "/v1/user-pools/shop", Some(json!({ "registration": "closed" }))).await;
    assert_eq!(closed.json()["registration"], "closed");
    let body = json!({ "email": "bob@example.org", "password": GOOD, "pool": "shop" });
    assert_eq!(bed.nobody().send("POST", "/v1/auth/register", Some(body)).await.status, 403);
    for (body, field) in [
        (json!({ "registration": "ajar" }), "registration"),
        (json!({ "poolId": "other" }), "poolId"),
        (json!({ "name": "x".repeat(129) }), "name"),
    ] {
        let answer = owner.send("PUT", "/v1/user-pools/shop", Some(body)).await;
        assert_eq!((answer.status, answer.field().as_str()), (400, field));
    }
    let answer = owner.send("PUT", "/v1/user-pools/no%20pool", Some(json!({}))).await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

#[tokio::test]
async fn the_users_of_a_pool_are_listed_by_state_and_text() {
    let bed = Bed::start().await;
    let owner = bed.owner();
    let (alice, _) = person(&bed, "main", "alice@example.org").await;
    let (bob, _) = person(&bed, "main", "bob@example.org").await;
    let disabled = owner.send("POST", &format!("/v1/users/{bob}/disable"), None).await;
    assert_eq!((disabled.status, disabled.body.is_empty()), (204, true), "{disabled:?}");
    let listed = async |query: &str| {
        let answer = owner.get(&format!("/v1/user-pools/main/users{query}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let users = answer.json()["users"].as_array().unwrap().clone();
        let mut ids: Vec<_> = users.iter().map(|user| user["userId"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let mut both = vec![alice.clone(), bob.clone()];
    both.sort();
    assert_eq!(listed("").await, both);
    assert_eq!(listed("?status=active").await, [alice]);
    assert_eq!(listed("?filter=BOB@").await, std::slice::from_ref(&bob));
    assert_eq!(listed("?status=disabled").await, [bob]);
    assert_eq!(owner.get("/v1/user-pools/main/users?status=asleep").await.field(), "status");
    assert_eq!(owner.get("/v1/user-pools/absent/users").await.status, 404);
}

#[tokio::test]
async fn a_disabled_user_is_nobody_until_enabled_and_signs_in_anew() {
    let bed = Bed::start().await;
    let owner = bed.owner();
    let (id, alice) = person(&bed, "main", "alice@example.org").await;
    let minted = bed.user(&id).await;
    assert_eq!(alice.get("/v1/auth/me").await.status, 200);
    for _ in 0..2 {
        assert_eq!(owner.send("POST", &format!("/v1/users/{id}/disable"), None).await.status, 204);
    }
    assert_eq!(alice.get("/v1/auth/me").await.status, 401);
    assert_eq!(
        minted.get(&format!("/v1/users/{id}/resources")).await.status,
        401,
        "tokens without a session too"
    );
    let body = json!({ "email": "alice@example.org", "password": GOOD });
    let log_in = async || bed.nobody().send("POST", "/v1/auth/login", Some(body.clone())).await;
    assert_eq!(log_in().await.code(), "invalid_credentials", "w_28");
    let status = owner.get(&format!("/v1/users/{id}/sign-in")).await.json();
    assert_eq!((&status["state"], &status["failures"]), (&json!("disabled"), &json!(1)));
    assert!(status["disabledAt"].is_string() && status["passwordSetAt"].is_string(), "{status}");
    assert!(!status.to_string().contains("argon2"), "{status}");
    assert_eq!(owner.send("POST", &format!("/v1/users/{id}/enable"), None).await.status, 204);
    assert_eq!(log_in().await.status, 200);
    assert_eq!(alice.get("/v1/auth/me").await.status, 401, "what was ended stays so");
    for verb in ["disable", "enable", "password/reset"] {
        assert_eq!(owner.send("POST", &format!("/v1/users/nobody/{verb}"), None).await.status, 404, "{verb}");
    }
}

#[tokio::test]
async fn az_03_whoever_manages_nobody_is_told_of_nobody() {
    let bed = Bed::start().await;
    let (id, _) = person(&bed, "main", "alice@example.org").await;
    let (_, mallory) = person(&bed, "main", "mallory@example.org").await;
    let mut answers = Vec::new();
    for user in [id.as_str(), "nobody"] {
        for (method, verb) in
            [("POST", "disable"), ("POST", "enable"), ("POST", "password/reset"), ("GET", "sign-in")]
        {
            let answer = mallory.send(method, &format!("/v1/users/{user}/{verb}"), None).await;
            assert_eq!(answer.status, 404, "{method} {user} {verb}");
            answers.push(answer.told());
        }
    }
    assert_eq!(answers[..4], answers[4..]);
    for method in ["GET", "PUT"] {
        let body = (method == "PUT").then(|| json!({}));
        assert_eq!(mallory.send(method, "/v1/user-pools/main", body).await.status, 404, "{method}");
    }
    // Collections are refused, as everywhere, and a pool that there is like one that there is not.
    let users = async |pool: &str| mallory.get(&format!("/v1/user-pools/{pool}/users")).await.told();
    let (there, absent) = (users("main").await, users("absent").await);
    assert_eq!((there.0, &there), (403, &absent));
    assert_eq!(bed.owner().get(&format!("/v1/users/{id}/sign-in")).await.json()["state"], "active");
}

#[tokio::test]
async fn a_reset_that_somebody_else_starts_is_a_mail_or_a_409() {
    let bed = Bed::start().await;
    let (id, _) = person(&bed, "main", "alice@example.org").await;
    let unsent = bed.owner().send("POST", &format!("/v1/users/{id}/password/reset"), None).await;
    assert_eq!((unsent.status, unsent.code().as_str()), (409, "Conflict"), "without a mailer");

    let inbox = Arc::new(InboxMailer::default());
    let mailer = Arc::clone(&inbox);
    let options = HttpOptions { credential_rate_per_minute: 0, ..HttpOptions::default() };
    let bed = Bed::with_settings(options, |settings| settings.mailer = Some(mailer)).await;
    let body = json!({ "email": "alice@example.org", "password": GOOD });
    assert_eq!(bed.nobody().send("POST", "/v1/auth/register", Some(body)).await.status, 202);
    let users = bed.owner().get("/v1/user-pools/main/users").await.json();
    let id = users["users"][0]["userId"].as_str().unwrap();
    let sent = bed.owner().send("POST", &format!("/v1/users/{id}/password/reset"), None).await;
    assert_eq!((sent.status, sent.body.is_empty()), (202, true), "{sent:?}");
}
