//! The API that the script calls: it takes access tokens that are for it, and have the scope.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use portcullis_client::Client;
use serde_json::json;

use crate::registration::Registration;

struct Api {
    verifier: Client,
    audience: String,
}

pub(crate) fn router(verifier: Client, registration: &Registration) -> Router {
    let api = Api { verifier, audience: registration.audience.clone() };
    Router::new().route("/api/notes", get(notes)).with_state(Arc::new(api))
}

async fn notes(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    let bearer = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(claims) = api.verifier.verify_token(bearer).await else { return refused("invalid_token") };
    if !claims.has_audience(&api.audience) {
        return refused("invalid_token");
    }
    let scope = claims.extra("scope").and_then(serde_json::Value::as_str).unwrap_or_default();
    if !scope.split(' ').any(|one| one == "notes:read") {
        return refused("insufficient_scope");
    }
    Json(json!({ "notes": [format!("A note of {}", claims.subject()), "Another note"] })).into_response()
}

fn refused(error: &str) -> Response {
    let status = if error == "insufficient_scope" { StatusCode::FORBIDDEN } else { StatusCode::UNAUTHORIZED };
    (status, [(WWW_AUTHENTICATE, format!("Bearer error=\"{error}\", scope=\"notes:read\""))]).into_response()
}
