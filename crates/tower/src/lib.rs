//! Portcullis guards for axum and tower applications.
//!
//! [`BearerLayer`] stands in front of routes: it asks a [`Guard`](portcullis_types::Guard) who sent the bearer, refuses whoever
//! cannot be named, and hands the [`Caller`](portcullis_types::Caller) on. Handlers take it with [`AuthenticatedCaller`]. It does
//! not matter whether the guard is the engine in this process or a client of a server.
//!
//! ```
//! use std::sync::Arc;
//! use axum::{Router, routing::get};
//! use portcullis_tower::{AuthenticatedCaller, BearerLayer};
//! use portcullis_types::Guard;
//!
//! fn app(guard: Arc<dyn Guard>) -> Router {
//!     Router::new()
//!         .route("/me", get(|AuthenticatedCaller(caller): AuthenticatedCaller| async move { caller.principal().to_owned() }))
//!         .layer(BearerLayer::new(guard))
//! }
//! ```
//!
//! Refusals are problem details ([`ProblemResponse`]), the same body that the Portcullis API answers with.
//!
//! To add a layer or an extractor: one file (or a folder `{layer,service}.rs`), registered here.

mod bearer;
mod caller;
mod problem;
mod request_id;

pub use bearer::{BearerLayer, BearerRefusal, BearerService, MAX_BEARER_BYTES, bearer_credential};
pub use caller::AuthenticatedCaller;
pub use problem::ProblemResponse;
pub use request_id::{RequestId, RequestIds};
