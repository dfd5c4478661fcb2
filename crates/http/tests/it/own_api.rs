//! An application that serves Portcullis and an API of its own in one process: the API is a protected resource that asks the engine.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, header};
use axum::routing::get;
use portcullis_http::HttpOptions;
use portcullis_tower::{ProtectedResource, ResourceToken, require_scope};
use serde_json::json;
use tower::ServiceExt as _;

use crate::bed::Bed;

const NOTES: &str = "http://localhost:3000/notes";

fn application(bed: &Bed) -> Router {
    let portcullis = bed.portcullis.clone();
    let resource = ProtectedResource::new(NOTES)
        .unwrap()
        .authorization_server(portcullis.public_url())
        .scopes(["notes:read", "notes:write"]);
    let whose = |token: ResourceToken| async move { token.subject.clone() };
    Router::new()
        .route("/notes", get(whose).route_layer(require_scope("notes:read")))
        .route("/notes/new", get(whose).route_layer(require_scope("notes:write")))
        .layer(resource.layer(Arc::new(portcullis.clone())))
        .merge(resource.router())
        .fallback_service(portcullis_http::service(portcullis, HttpOptions::default()))
}

async fn ask(app: &Router, path: &str, token: &str) -> Response<Body> {
    let request = Request::get(path);
    let request = if token.is_empty() {
        request
    } else {
        request.header(header::AUTHORIZATION, format!("Bearer {token}"))
    };
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn challenge(answer: &Response<Body>) -> &str {
    answer.headers().get(header::WWW_AUTHENTICATE).map_or("", |value| value.to_str().unwrap())
}

/// A token that the application `notes` has for itself.
async fn token(bed: &Bed, secret: &str, more: &str) -> String {
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let body = format!("grant_type=client_credentials&client_id=notes&client_secret={secret}{more}");
    let answer = bed.nobody().call("POST", b"/oauth2/token", form, body.as_bytes()).await;
    answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

#[tokio::test]
async fn an_api_beside_the_engine_takes_the_tokens_that_are_for_it_until_they_are_revoked() {
    let bed = Bed::start().await;
    let registered = json!({
        "applicationId": "notes", "name": "Notes", "kind": "service", "authenticationMethod": "client_secret_post",
        "audiences": [NOTES, bed.portcullis.public_url()], "scopes": ["notes:read", "notes:write"],
    });
    let made = bed.owner().send("POST", "/v1/applications", Some(registered)).await;
    let secret = made.json()["secret"]["clientSecret"].as_str().unwrap().to_owned();
    let app = application(&bed);
    let reading = token(&bed, &secret, &format!("&resource={NOTES}&scope=notes:read")).await;
    let elsewhere =
        token(&bed, &secret, &format!("&resource={}&scope=notes:read", bed.portcullis.public_url())).await;

    assert_eq!(ask(&app, "/notes", &reading).await.status(), 200);
    let short = ask(&app, "/notes/new", &reading).await;
    assert_eq!(short.status(), 403);
    assert!(challenge(&short).contains(r#"error="insufficient_scope""#), "{}", challenge(&short));
    for (text, what) in [("", "none"), (elsewhere.as_str(), "for somebody else"), (&bed.owner_key, "a key")] {
        let refused = ask(&app, "/notes", text).await;
        assert_eq!(refused.status(), 401, "{what}");
        let metadata =
            r#"resource_metadata="http://localhost:3000/.well-known/oauth-protected-resource/notes""#;
        assert!(challenge(&refused).contains(metadata), "{what}: {}", challenge(&refused));
    }
    // Portcullis itself answers all other paths.
    assert_eq!(ask(&app, "/.well-known/oauth-protected-resource/notes", "").await.status(), 200);
    assert_eq!(ask(&app, "/.well-known/openid-configuration", "").await.status(), 200);

    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let body = format!("client_id=notes&client_secret={secret}&token={reading}");
    assert_eq!(bed.nobody().call("POST", b"/oauth2/revoke", form, body.as_bytes()).await.status, 200);
    assert_eq!(ask(&app, "/notes", &reading).await.status(), 401);
}
