use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use portcullis_tower::{CurrentUser, GuardLayer, GuardPass, require_op};
use portcullis_types::Sensitive;
use portcullis_types::guard::BillingMode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::backend::{Backend, BackendError};
use crate::shelf::Shelf;

#[derive(Clone)]
struct App {
    backend: Backend,
    shelf: Arc<dyn Shelf>,
}

/// The application.
pub fn router(backend: Backend, shelf: Arc<dyn Shelf>) -> Router {
    let guard = GuardLayer::new(backend.guard()).skip(["/health"]);
    // The price is the operation's, in the registry: nothing here says what a document costs.
    let create = require_op("create_document").billing(BillingMode::Reserve);
    let app = Router::new()
        .route("/login", post(login))
        .route("/my-protected-resource", get(protected_resource))
        .route("/my-optional-auth-resource", get(optional_resource))
        .route("/documents", post(create_document).route_layer(create));
    let app = Router::new().nest("/api/v1/app", app).route("/health", get(async || "ok"));
    app.layer(guard).with_state(App { backend, shelf })
}

#[derive(Deserialize)]
struct Login {
    email: String,
    password: Sensitive,
}

async fn login(State(app): State<App>, Json(login): Json<Login>) -> Response {
    match app.backend.login(login.email, login.password).await {
        Ok(token) => Json(json!({ "access_token": token.expose(), "token_type": "Bearer" })).into_response(),
        Err(error) => {
            let body = Json(json!({ "detail": error.to_string() }));
            match error {
                BackendError::Refused => (StatusCode::UNAUTHORIZED, body).into_response(),
                BackendError::TooMany { retry_after_secs } => {
                    let after = [(RETRY_AFTER, retry_after_secs.to_string())];
                    (StatusCode::TOO_MANY_REQUESTS, after, body).into_response()
                }
                BackendError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, body).into_response(),
            }
        }
    }
}

/// For users only: a guest never comes here.
async fn protected_resource(user: CurrentUser) -> Json<Value> {
    Json(json!({
        "message": "Hello, this is a protected resource!",
        "user_id": user.user.as_ref().map(|user| &*user.id),
        "user_email": user.user.as_ref().and_then(|user| user.email.as_deref()),
        "organization_name": user.organization.as_ref().map(|organization| &*organization.name),
        "raw_jwt_custom_claim": user.token_claims.get("custom_claim_from_jwt"),
    }))
}

/// For everybody.
async fn optional_resource(user: Option<CurrentUser>) -> Json<Value> {
    match user.as_ref().and_then(|user| user.user.as_ref().map(|person| (user, person))) {
        Some((user, person)) => Json(json!({
            "message": "Hello, authenticated user!",
            "user_id": &*person.id,
            "tenant_id": user.tenant.as_ref().map(|tenant| &*tenant.id),
        })),
        None => Json(json!({ "message": "Hello, guest! This resource is accessible to all." })),
    }
}

#[derive(Deserialize)]
struct NewDocument {
    title: String,
}

/// For who may, and can pay: what the document costs is held while this runs, taken when it answers 201, and given back when it
/// answers with an error.
async fn create_document(
    pass: GuardPass,
    State(app): State<App>,
    Json(document): Json<NewDocument>,
) -> Response {
    if document.title.is_empty() {
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "detail": "title: expected some text" })))
            .into_response();
    }
    if let Err(full) = app.shelf.put(&document.title) {
        return (StatusCode::INSUFFICIENT_STORAGE, Json(json!({ "detail": full.to_string() })))
            .into_response();
    }
    let created = json!({
        "title": document.title,
        "created_by": pass.context.subject(),
        "credits": pass.reservation.as_ref().map(|held| held.amount),
    });
    (StatusCode::CREATED, Json(created)).into_response()
}
