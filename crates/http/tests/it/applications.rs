//! Applications over HTTP.

use serde_json::{Value, json};

use crate::bed::Bed;

fn web(id: &str) -> Value {
    json!({"applicationId": id, "name": "Web", "kind": "web", "redirectUris": ["https://web.example/cb"]})
}

#[tokio::test]
async fn an_application_is_made_shown_changed_listed_and_deleted() {
    let bed = Bed::start().await;
    let owner = bed.owner();
    let made = owner.send("POST", "/v1/applications", Some(web("web.app~1"))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let mut made = made.json();
    let secret = made.as_object_mut().unwrap().remove("secret").unwrap();
    assert!(secret["clientSecret"].as_str().unwrap().starts_with("pcs_"), "{made}");
    assert_eq!(owner.send("POST", "/v1/applications", Some(web("web.app~1"))).await.status, 409);
    let one = "/v1/applications/web.app~1";
    assert_eq!(owner.get(one).await.json(), made, "nothing of the secret");
    let listed = owner.get("/v1/applications?filter=WEB").await.json();
    assert_eq!(listed["applications"], json!([made]));
    // What was read can be written back.
    let mut changed = made.clone();
    changed["firstParty"] = json!(true);
    let updated = owner.send("PUT", one, Some(changed)).await;
    assert_eq!((updated.status, &updated.json()["firstParty"]), (200, &json!(true)), "{updated:?}");
    let since = format!("If-Unmodified-Since: {}\r\n", made["lastUpdated"].as_str().unwrap());
    let late = owner.call("PUT", one.as_bytes(), &since, made.to_string().as_bytes()).await;
    assert_eq!(late.status, 412, "{late:?}");
    let stranger = bed.user("mallory").await;
    for (method, path, status) in [
        ("GET", one, 404),
        ("PUT", one, 404),
        ("DELETE", one, 404),
        ("POST", "/v1/applications", 403),
        ("GET", "/v1/applications", 403),
        ("GET", "/v1/applications/web.app~1/secrets", 404),
        ("POST", "/v1/applications/web.app~1/secrets", 404),
    ] {
        let body = matches!(method, "PUT" | "POST").then(|| web("web.app~1"));
        assert_eq!(stranger.send(method, path, body).await.status, status, "{method} {path}");
    }
    assert_eq!(owner.send("DELETE", one, None).await.status, 204);
    assert_eq!(owner.get(one).await.status, 404);
}

#[tokio::test]
async fn as_03_what_is_wrong_is_named() {
    let bed = Bed::start().await;
    for (member, value, field) in [
        ("redirectUris", json!(["https://*.example/cb"]), "redirectUris[0]"),
        ("redirectUris", json!(["https://a.example/cb", "https://a.example/cb#x"]), "redirectUris[1]"),
        ("redirectUris", json!(["https://user@a.example/cb"]), "redirectUris[0]"),
        ("redirectUris", json!(["javascript:alert(1)"]), "redirectUris[0]"),
        ("redirectUris", json!(["data:text/html,x"]), "redirectUris[0]"),
        ("redirectUris", json!(["http://a.example/cb"]), "redirectUris[0]"),
        ("postLogoutRedirectUris", json!(["http://a.example/"]), "postLogoutRedirectUris[0]"),
        ("kind", json!("desktop"), "kind"),
        ("authenticationMethod", json!("client_secret_jwt"), "authenticationMethod"),
        ("grantTypes", json!(["password"]), "grantTypes[0]"),
        ("grantTypes", json!(["implicit"]), "grantTypes[0]"),
        ("signingAlgorithm", json!("none"), "signingAlgorithm"),
        ("signingAlgorithm", json!("HS256"), "signingAlgorithm"),
        ("responseModes", json!(["fragment"]), "responseModes[0]"),
        ("exceptions", json!({"allowEverything": true}), "exceptions.allowEverything"),
        ("claims", json!([{"name": "aud", "value": "x", "tokens": ["access_token"]}]), "claims[0].name"),
        ("applicationId", json!("usr_1"), "applicationId"),
        ("secret", json!("s".repeat(40)), "secret"),
        ("colour", json!("red"), "colour"),
    ] {
        let mut application = web("web");
        application[member] = value;
        let refused = bed.owner().send("POST", "/v1/applications", Some(application)).await;
        assert_eq!((refused.status, refused.field().as_str()), (400, field), "{refused:?}");
    }
}

#[tokio::test]
async fn tk_19_secrets_are_shown_once() {
    let bed = Bed::start().await;
    let owner = bed.owner();
    let first = owner.send("POST", "/v1/applications", Some(web("web"))).await.json()["secret"].clone();
    let secrets = "/v1/applications/web/secrets";
    let second = owner.send("POST", secrets, None).await;
    assert_eq!(second.status, 201, "{second:?}");
    assert_eq!(owner.send("POST", secrets, Some(json!({}))).await.status, 409);
    let listed = owner.get(secrets).await;
    for secret in [&first, &second.json()] {
        let id = secret["secretId"].as_str().unwrap();
        assert!(listed.json().to_string().contains(id));
        assert!(!listed.json().to_string().contains(secret["clientSecret"].as_str().unwrap()));
    }
    let one = format!("{secrets}/{}", first["secretId"].as_str().unwrap());
    assert_eq!(owner.send("DELETE", &one, None).await.status, 204);
    assert_eq!(owner.send("DELETE", &one, None).await.status, 404);
    assert_eq!(owner.get(secrets).await.json()["secrets"].as_array().unwrap().len(), 1);
    assert_eq!(owner.get("/v1/applications/none/secrets").await.status, 404);
}
