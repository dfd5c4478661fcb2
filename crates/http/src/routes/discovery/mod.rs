//! Public keys, and where they are: for whoever verifies our tokens, or those of a service client (spec `authress-api.md` §3.9).

mod list_client_keys;
mod list_keys;
mod show_client_configuration;
mod show_configuration;
mod show_protected_resource;

use axum::http::{HeaderName, HeaderValue, header};
use serde::Serialize;
pub(crate) use show_protected_resource::PATH as PROTECTED_RESOURCE;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::api::Api;
use crate::routes::oauth::{open_to_every_origin, preflight};

/// The routes of this area.
pub(super) fn router() -> OpenApiRouter<Api> {
    let own = OpenApiRouter::default()
        .routes(routes!(show_configuration::show_configuration))
        .routes(routes!(list_keys::list_keys))
        .routes(routes!(show_protected_resource::show_protected_resource))
        .route(PROTECTED_RESOURCE, preflight())
        .route("/.well-known/openid-configuration", preflight())
        .route("/.well-known/openid-configuration/jwks", preflight());
    open_to_every_origin(own)
        .routes(routes!(show_client_configuration::show_client_configuration))
        .routes(routes!(list_client_keys::list_client_keys))
}

/// Where an issuer's keys are (OpenID Connect Discovery §3). Only what exists is named.
#[derive(Serialize, ToSchema)]
struct OpenIdConfiguration {
    /// What `iss` of its tokens says.
    issuer: String,
    /// Its public keys.
    jwks_uri: String,
}

impl OpenIdConfiguration {
    fn of(issuer: String) -> Self {
        Self { jwks_uri: format!("{issuer}/.well-known/openid-configuration/jwks"), issuer }
    }
}

/// Verifiers may keep keys for five minutes: a new one is published for longer before it signs.
pub(super) fn cacheable() -> [(HeaderName, HeaderValue); 1] {
    [(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"))]
}
