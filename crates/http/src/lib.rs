//! The Portcullis HTTP API on axum, with its OpenAPI document.
//!
//! [`router`] (or [`service`], for whoever serves nothing else) makes the routes over an engine, [`openapi`] describes them. Everything
//! here is translation: a request becomes a call of one use case, its answer or its error becomes a response. Rights are checked by the
//! use cases.
//!
//! # Beside an application's own routes
//!
//! An application that embeds the engine can serve the sign-in itself, and an API of its own that takes the tokens. No request leaves
//! the process, and what is revoked is refused at once:
//!
//! ```
//! use std::sync::Arc;
//! use axum::{Router, routing::get};
//! use portcullis::Portcullis;
//! use portcullis_http::{HttpOptions, service};
//! use portcullis_tower::{ProtectedResource, ResourceToken, require_scope};
//!
//! async fn notes(token: ResourceToken) -> String {
//!     format!("the notes of {}", token.subject)
//! }
//!
//! // Tokens for it have `resource` among the `audiences` of the application that asks for them.
//! fn app(portcullis: Portcullis, resource: &str) -> Result<Router, portcullis_types::FieldError> {
//!     let resource = ProtectedResource::new(resource)?
//!         .authorization_server(portcullis.public_url())
//!         .scopes(["notes:read"]);
//!     Ok(Router::new()
//!         .route("/notes", get(notes).route_layer(require_scope("notes:read")))
//!         .layer(resource.layer(Arc::new(portcullis.clone())))
//!         .merge(resource.router())
//!         .fallback_service(service(portcullis, HttpOptions::default())))
//! }
//! # app(tokio::runtime::Runtime::new().unwrap().block_on(async {
//! #     Portcullis::builder("sqlite::memory:").master_key(portcullis::jose::MasterKey::from_bytes([7; 32])).open().await.unwrap()
//! # }), "https://example.com/notes").unwrap();
//! ```
//!
//! # What lives where
//!
//! | module | job |
//! |---|---|
//! | `routes/<area>/<verb_noun>.rs` | one endpoint a file: its path, its documentation, its handler |
//! | `pages` | the hosted pages: what people see in a browser |
//! | `input` | path, query, headers and bodies, read strictly: what is refused is named |
//! | `failure` | what a use case refuses, as a problem |
//! | `observe` | around every route: request id, span, metrics, panics, headers |
//! | `attempt` | one attempt at a credential, counted for its address |
//! | `call` | who calls, in which request: what every handler begins with |
//! | `assemble` | which routes need a bearer, and what happens to paths that match none |
//!
//! # To add an endpoint
//!
//! 1. The bodies in `portcullis-types`, the use case in the engine.
//! 2. `routes/<area>/<verb_noun>.rs`: a `#[utoipa::path]` handler that takes `Call` first.
//! 3. One line in that area's `router()`. It is behind the bearer unless it is registered in `routes::public`.
//!
//! The refusals that every endpoint can answer (400, 401, 403, 500, 503; 408, 413 and 415 with a body) are added to the document by
//! `describe`; an endpoint documents only its own.
//!
//! # Paths
//!
//! Routes are matched on the raw, still percent-encoded path, and each parameter is decoded exactly once (spec
//! `authress-api.md` §1.2): `%2F` in a segment stays in that segment.

mod api;
mod assemble;
mod attempt;
mod call;
mod describe;
mod device;
mod failure;
mod input;
mod observe;
mod options;
mod page;
mod pages;
mod params;
mod routes;

pub use assemble::{HttpService, router, service};
pub use describe::openapi;
pub use input::BodyTimeout;
pub use options::{HttpOptions, RenderMetrics};
pub use portcullis_tower::PeerAddress;
