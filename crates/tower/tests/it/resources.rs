//! An API as a protected resource: what it publishes, and which tokens it takes.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use axum::routing::{get, post};
use http_body_util::BodyExt as _;
use portcullis_tower::{ProtectedResource, ResourceToken, require_scope};
use portcullis_types::protected_resource::{AccessToken, VerifyAccessToken};
use portcullis_types::{AuthError, BoxFuture, GuardCode, Timestamp};
use serde_json::{Map, Value, json};
use tower::ServiceExt as _;

const RESOURCE: &str = "https://api.example.com/mcp";
const METADATA: &str =
    r#"resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/mcp""#;

/// A token is `AUDIENCE SCOPE…`, separated by commas; `old` has expired, `down` cannot be checked.
struct Verifier;

impl VerifyAccessToken for Verifier {
    fn verify_access_token<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(async move {
            match token {
                "down" => return Err(AuthError::Unavailable),
                "late" => {
                    let code = GuardCode::VerificationUnavailable;
                    return Err(AuthError::Invalid { code, reason: "the keys could not be read" });
                }
                "old" => {
                    let code = GuardCode::TokenExpired;
                    return Err(AuthError::Invalid { code, reason: "the token has expired" });
                }
                _ => {}
            }
            let mut parts = token.split(',').map(str::to_owned);
            Ok(AccessToken {
                issuer: "https://id.example.com".to_owned(),
                subject: "alice".to_owned(),
                client_id: Some("app_1".to_owned()),
                audience: parts.next().into_iter().collect(),
                scopes: parts.collect(),
                expires_at: Timestamp::from_secs(1),
                claims: Map::new(),
            })
        })
    }
}

fn app() -> Router {
    let resource = ProtectedResource::new(RESOURCE)
        .unwrap()
        .authorization_server("https://id.example.com")
        .scopes(["tools:read", "tools:call"])
        .name("Tools");
    let whose = |token: ResourceToken| async move { format!("{} {}", token.subject, token.scopes.join(" ")) };
    let some = |token: ResourceToken| async move { token.require(&["tools:some"]).map(|()| "some") };
    Router::new()
        .route("/mcp", get(whose))
        .route("/mcp/some", get(some))
        .route("/mcp/call", post(whose).route_layer(require_scope("tools:read").and("tools:call")))
        .layer(resource.layer(Arc::new(Verifier)))
        .merge(resource.router())
}

async fn send(request: Request<Body>) -> (u16, String, Value) {
    let response: Response<Body> = app().oneshot(request).await.unwrap();
    let challenge =
        response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body = serde_json::from_slice(&body).unwrap_or_else(|_| json!(String::from_utf8_lossy(&body)));
    (status, challenge.unwrap_or_default(), body)
}

async fn ask(method: &str, uri: &str, tokens: &[&str]) -> (u16, String, Value) {
    let mut request = Request::builder().method(method).uri(uri);
    for token in tokens {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_metadata_is_published_below_the_well_known_path_and_readable_by_any_page() {
    let request = Request::get("/.well-known/oauth-protected-resource/mcp").body(Body::empty()).unwrap();
    let response = app().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let expected = json!({
        "resource": RESOURCE,
        "authorization_servers": ["https://id.example.com"],
        "scopes_supported": ["tools:read", "tools:call"],
        "bearer_methods_supported": ["header"],
        "resource_name": "Tools",
    });
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    assert_eq!(ask("GET", "/.well-known/oauth-protected-resource", &[]).await.0, 404, "of another resource");
}

#[tokio::test]
async fn without_a_token_one_is_told_where_to_get_one() {
    let expected = format!(r#"Bearer scope="tools:read tools:call", {METADATA}"#);
    let (status, challenge, _) = ask("GET", "/mcp", &[]).await;
    assert_eq!((status, challenge), (401, expected.clone()));
    let basic = Request::get("/mcp").header("authorization", "Basic YTpi").body(Body::empty()).unwrap();
    let (status, challenge, _) = send(basic).await;
    assert_eq!((status, challenge), (401, expected));
}

#[tokio::test]
async fn tk_15_only_tokens_for_this_very_resource_are_taken() {
    let (status, _, body) = ask("GET", "/mcp", &[&format!("{RESOURCE},tools:read")]).await;
    assert_eq!((status, body), (200, json!("alice tools:read")));
    for other in [
        "https://api.example.com",
        "https://api.example.com/mcp/",
        "https://api.example.com/mcp2",
        "HTTPS://api.example.com/mcp",
        "https://other.example.com/mcp",
        "https://id.example.com/oauth2/userinfo",
        "x",
    ] {
        let (status, challenge, body) = ask("GET", "/mcp", &[other]).await;
        let expected = format!(
            r#"Bearer error="invalid_token", error_description="the token is for another resource", {METADATA}"#
        );
        assert_eq!((status, challenge), (401, expected), "{other}");
        assert_eq!(body["errorCode"], "invalid_token", "{body}");
    }
}

#[tokio::test]
async fn a_token_that_is_no_good_is_401_and_one_that_cannot_be_checked_is_no_yes() {
    let (status, challenge, _) = ask("GET", "/mcp", &["old"]).await;
    let expected =
        format!(r#"Bearer error="invalid_token", error_description="the token has expired", {METADATA}"#);
    assert_eq!((status, challenge), (401, expected));
    for outage in ["down", "late"] {
        let (status, challenge, _) = ask("GET", "/mcp", &[outage]).await;
        assert_eq!((status, challenge.as_str()), (503, ""), "{outage}");
    }
}

#[tokio::test]
async fn as_20_two_tokens_and_tokens_in_the_query_are_no_honest_request() {
    let good = format!("{RESOURCE},tools:read");
    for (uri, tokens) in
        [("/mcp", vec![good.as_str(), good.as_str()]), ("/mcp?access_token=t", vec![good.as_str()])]
    {
        let (status, challenge, _) = ask("GET", uri, &tokens).await;
        assert_eq!(status, 400, "{uri}");
        assert!(challenge.starts_with(r#"Bearer error="invalid_request""#), "{challenge}");
    }
}

#[tokio::test]
async fn tk_09_a_route_names_the_scopes_that_it_needs() {
    let needs = |scope: &str| {
        format!(
            r#"Bearer error="insufficient_scope", error_description="the access token lacks a scope for this", scope="{scope}", {METADATA}"#
        )
    };
    for lacking in ["", ",tools:read", ",tools:call", ",tools:read:all,tools:call", ",TOOLS:READ,tools:call"]
    {
        let (status, challenge, body) = ask("POST", "/mcp/call", &[&format!("{RESOURCE}{lacking}")]).await;
        assert_eq!((status, challenge), (403, needs("tools:read tools:call")), "{lacking}");
        assert_eq!(body["errorCode"], "insufficient_scope");
    }
    let enough = format!("{RESOURCE},tools:call,x,tools:read");
    assert_eq!(ask("POST", "/mcp/call", &[&enough]).await.0, 200);
    // Asked for in the handler.
    let (status, challenge, _) = ask("GET", "/mcp/some", &[&enough]).await;
    assert_eq!((status, challenge), (403, needs("tools:some")));
    assert_eq!(ask("GET", "/mcp/some", &[&format!("{RESOURCE},tools:some")]).await.0, 200);
}

#[tokio::test]
async fn a_route_without_the_layer_does_not_run() {
    let app = Router::<()>::new()
        .route("/token", get(|_: ResourceToken| async { "ran" }))
        .route("/scope", get(async || "ran").route_layer(require_scope("a")));
    for path in ["/token", "/scope"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        assert_eq!(app.clone().oneshot(request).await.unwrap().status(), 500, "{path}");
    }
}
