//! The page and its script: files, and what the script has to know.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use crate::registration::{Registration, SCOPE};

/// Each file with its type.
const FILES: [(&str, &str, &str); 4] = [
    ("/", "text/html; charset=utf-8", include_str!("../static/index.html")),
    ("/style.css", "text/css; charset=utf-8", include_str!("../static/style.css")),
    ("/app.js", "text/javascript; charset=utf-8", include_str!("../static/app.js")),
    ("/oauth.js", "text/javascript; charset=utf-8", include_str!("../static/oauth.js")),
];

pub(crate) fn router(issuer: &str, registration: &Registration) -> Router {
    let configuration = json!({
        "issuer": issuer,
        "clientId": registration.client_id,
        "redirectUri": registration.redirect_uri,
        "postLogoutRedirectUri": registration.post_logout_redirect_uri,
        "scope": SCOPE,
        "audience": registration.audience,
    });
    // The script may talk to us and to the server, and nothing else runs here.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {issuer}; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let mut routes = Router::new().route("/configuration.json", get(async move || Json(configuration)));
    for (path, kind, text) in FILES {
        let policy = policy.clone();
        routes = routes.route(path, get(async move || file(kind, text, policy)));
    }
    routes
}

fn file(kind: &'static str, text: &'static str, policy: String) -> Response {
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, text).into_response()
}
