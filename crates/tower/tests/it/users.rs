//! Guests, users, and those about whom nothing can be found out.

use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::routing::{any, get};
use axum::{Json, Router};
use portcullis_tower::{CookieCredential, CurrentUser, GuardRefusal, RawClaims, Roles};
use serde_json::{Value, json};

use crate::bed::Bed;

async fn optional(user: Option<CurrentUser>) -> String {
    user.map_or("guest".to_owned(), |user| user.subject().unwrap_or_default().to_owned())
}

fn routes() -> Router {
    Router::new()
        .route("/required", get(|user: CurrentUser| async move { user.subject().unwrap().to_owned() }))
        .route("/optional", any(optional))
        .route("/public", get(async || "public"))
        .route("/claims", get(|RawClaims(claims): RawClaims| async move { Json(Value::Object(claims)) }))
        .route("/roles", get(|roles: Roles| async move { Json(json!(roles.names())) }))
        .route("/admins", get(async |roles: Roles| roles.require_any(&["admin", "owner"])))
        .route("/editors", get(async |roles: Roles| roles.require_any(&["editor"])))
        .route("/health", get(optional))
        .route(
            "/headers",
            get(|headers: HeaderMap| async move {
                Json(headers.keys().map(ToString::to_string).collect::<Vec<_>>())
            }),
        )
}

#[tokio::test]
async fn a_route_answers_by_who_asks() {
    let bed = Bed::new(routes());
    for (path, token, status, body) in [
        ("/required", "alice", 200, "alice"),
        ("/required", "machine", 200, "sc_1"),
        ("/required", "", 401, ""),
        ("/required", "forged", 401, ""),
        ("/required", "down", 503, ""),
        ("/optional", "alice", 200, "alice"),
        ("/optional", "", 200, "guest"),
        ("/optional", "forged", 200, "guest"),
        ("/optional", "token_revoked", 200, "guest"),
        ("/optional", "user_inactive", 200, "guest"),
        ("/optional", "down", 503, ""),
        ("/optional", "context_unavailable", 503, ""),
        ("/optional", "rate_limited", 429, ""),
        ("/public", "alice", 200, "public"),
        ("/public", "", 200, "public"),
        ("/public", "forged", 200, "public"),
        ("/public", "down", 200, "public"),
        ("/nowhere", "", 404, ""),
        ("/nowhere", "forged", 404, ""),
        ("/nowhere", "alice", 404, ""),
        ("/nowhere", "down", 404, ""),
    ] {
        let answer = bed.get(path, token).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {token}");
        if status == 200 {
            assert_eq!(answer.body, body, "{path} {token}");
        }
        let retries = matches!(status, 503 | 429);
        assert_eq!(answer.headers.contains_key("retry-after"), retries, "{path} {token}");
    }
}

#[tokio::test]
async fn every_401_has_a_challenge_and_only_a_sent_token_is_called_invalid() {
    let bed = Bed::new(routes());
    for (path, token, expected) in [
        ("/required", "", r#"Bearer realm="portcullis""#),
        (
            "/required",
            "forged",
            r#"Bearer realm="portcullis", error="invalid_token", error_description="the token is not valid""#,
        ),
        (
            "/optional",
            "forged",
            r#"Bearer realm="portcullis", error="invalid_token", error_description="the token is not valid""#,
        ),
        ("/optional", "", ""),
        ("/optional", "alice", ""),
        ("/required", "alice", ""),
    ] {
        let answer = bed.get(path, token).await;
        assert_eq!(answer.header("www-authenticate"), expected, "{path} {token:?}");
        let challenges = answer.headers.get_all("www-authenticate").iter().count();
        assert_eq!(challenges, usize::from(!expected.is_empty()), "{:?}", answer.all_headers());
    }
    let basic = bed.ask("GET", "/required", &[("authorization", "Basic YTpi")]).await;
    assert_eq!((basic.status.as_u16(), basic.body["errorCode"].as_str()), (401, Some("token_malformed")));
}

#[tokio::test]
async fn only_one_credential_is_taken_and_none_from_the_query() {
    let bed = Bed::new(routes());
    let bearer = ("authorization", "Bearer alice");
    let long = format!("Bearer {}", "a".repeat(16 * 1024));
    for (uri, headers, status) in [
        ("/optional", &[bearer, bearer][..], 400),
        ("/optional", &[bearer, ("x-api-key", "machine")], 400),
        ("/optional", &[bearer, ("x-api-key", "alice")], 200),
        ("/optional", &[("x-api-key", "machine")], 200),
        ("/optional?access_token=alice", &[], 400),
        ("/public?access_token=alice", &[], 400),
        ("/optional", &[("authorization", &long)], 431),
        ("/health", &[bearer, bearer], 400),
    ] {
        let answer = bed.ask("GET", uri, headers).await;
        assert_eq!(answer.status.as_u16(), status, "{uri} {headers:?}");
        if status >= 400 {
            assert!(
                answer.body["errorCode"].is_string() && answer.body["requestId"].is_string(),
                "{}",
                answer.body
            );
        }
    }
}

#[tokio::test]
async fn a_skipped_path_and_a_preflight_pass_as_guests() {
    let bed = Bed::with(routes(), |layer| layer.skip(["/health", "/.well-known/*"]).reject_invalid(true));
    let bad = [("authorization", "Bearer forged"), ("authorization", "Bearer alice")];
    let skipped = bed.ask("GET", "/health", &bad).await;
    assert_eq!((skipped.status, skipped.body), (StatusCode::OK, json!("guest")));
    assert_eq!(bed.ask("GET", "/.well-known/none", &bad).await.status, StatusCode::NOT_FOUND);

    let preflight = [bad[0], ("access-control-request-method", "POST"), ("origin", "https://app.example")];
    assert_eq!(bed.ask("OPTIONS", "/optional", &preflight).await.body, json!("guest"));
    assert_eq!(bed.ask("OPTIONS", "/optional", &bad[..1]).await.status, StatusCode::UNAUTHORIZED);
    // It is a guest that passes, and nobody else.
    let as_alice = [("authorization", "Bearer alice"), preflight[1]];
    assert_eq!(bed.ask("OPTIONS", "/optional", &as_alice).await.body, json!("guest"));
}

#[tokio::test]
async fn invalid_tokens_are_rejected_everywhere_only_if_asked_for() {
    let bed = Bed::with(routes(), |layer| layer.reject_invalid(true));
    for (path, token, status) in [
        ("/public", "forged", 401),
        ("/nowhere", "forged", 401),
        ("/public", "down", 503),
        ("/public", "", 200),
        ("/public", "alice", 200),
    ] {
        assert_eq!(bed.get(path, token).await.status.as_u16(), status, "{path} {token}");
    }
}

#[tokio::test]
async fn a_cookie_signs_in_and_changes_things_only_with_the_csrf_token() {
    let csrf = HeaderName::from_static("x-xsrf");
    let bed =
        Bed::with(routes(), |layer| layer.cookie(CookieCredential::new("__Host-s").csrf("__Host-c", csrf)));
    let cookies = ("cookie", "__Host-s=alice; __Host-c=secret");
    for (method, headers, status) in [
        ("GET", &[cookies][..], 200),
        ("POST", &[cookies], 403),
        ("POST", &[cookies, ("x-xsrf", "secret")], 200),
        ("POST", &[cookies, ("x-xsrf", "other")], 403),
        ("POST", &[("authorization", "Bearer alice")], 200),
    ] {
        let answer = bed.ask(method, "/optional", headers).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {headers:?}");
        match status {
            200 => assert_eq!(answer.body, json!("alice")),
            _ => assert_eq!(answer.body["errorCode"], "csrf_failed"),
        }
    }
    let without = Bed::new(routes());
    assert_eq!(
        without.ask("GET", "/optional", &[cookies]).await.body,
        json!("guest"),
        "cookies count only if asked for"
    );
}

#[tokio::test]
async fn headers_that_only_a_proxy_may_set_do_not_reach_handlers() {
    let bed = Bed::with(routes(), |layer| {
        layer.strip_header(HeaderName::from_static("x-shard")).skip(["/headers"])
    });
    let forged = [
        ("X-User-Id", "root"),
        ("x-tenant-id", "t"),
        ("x-organization-id", "o"),
        ("x-portcullis-anything", "1"),
        ("x-authenticated-user", "root"),
        ("x-shard", "1"),
        ("x-credits-used", "0"),
        ("x-kept", "1"),
    ];
    assert_eq!(bed.ask("GET", "/headers", &forged).await.body, json!(["x-kept"]));
}

#[tokio::test]
async fn roles_and_claims_are_there_for_users() {
    let bed = Bed::new(routes());
    assert_eq!(bed.get("/roles", "alice").await.body, json!(["editor"]));
    assert_eq!(bed.get("/roles", "machine").await.body, json!([]));
    assert_eq!(bed.get("/claims", "alice").await.body, json!({ "sub": "alice", "user": "root", "team": 7 }));
    for (path, token, status) in [
        ("/editors", "alice", 200),
        ("/admins", "alice", 403),
        ("/admins", "machine", 403),
        ("/admins", "", 401),
        ("/roles", "down", 503),
        ("/claims", "forged", 401),
    ] {
        assert_eq!(bed.get(path, token).await.status.as_u16(), status, "{path} {token}");
    }
}

#[tokio::test]
async fn a_route_without_its_layer_does_not_run() {
    use tower::ServiceExt as _;
    let app = Router::new().route("/", get(async |_: Option<CurrentUser>| Ok::<_, GuardRefusal>("ran")));
    let request = axum::http::Request::new(axum::body::Body::empty());
    assert_eq!(app.oneshot(request).await.unwrap().status(), StatusCode::INTERNAL_SERVER_ERROR);
}
