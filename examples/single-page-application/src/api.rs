//! The API that the script calls. It takes access tokens that are for it, asks for a scope, and says who gives such tokens
//! (`/.well-known/oauth-protected-resource/api`).

use std::error::Error;
use std::sync::Arc;

use axum::routing::get;
use axum::{Json, Router};
use portcullis_client::Client;
use portcullis_tower::{ProtectedResource, ResourceToken, require_scope};
use serde_json::{Value, json};

use crate::registration::Registration;

const READ: &str = "notes:read";

pub(crate) fn router(verifier: Client, registration: &Registration) -> Result<Router, Box<dyn Error>> {
    let resource = ProtectedResource::new(&registration.audience)
        .map_err(|error| error.to_string())?
        .authorization_server(verifier.base_url())
        .scopes([READ])
        .name("Notes");
    let routes = Router::new()
        .route("/api/notes", get(notes).route_layer(require_scope(READ)))
        .layer(resource.layer(Arc::new(verifier)));
    Ok(routes.merge(resource.router()))
}

async fn notes(token: ResourceToken) -> Json<Value> {
    Json(json!({ "notes": [format!("A note of {}", token.subject), "Another note"] }))
}
