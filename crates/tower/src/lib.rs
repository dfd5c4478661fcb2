//! Portcullis guards for axum and tower applications.
//!
//! [`GuardLayer`] stands in front of an application's routes: it asks a [`Guard`](portcullis_types::Guard) who sent a request. Behind
//! it, handlers take the user with [`CurrentUser`], and routes ask for an operation with [`require_op`] or [`Guarded`], which also
//! holds its price until the response is known. It does not matter whether the guard is the engine in this process or a client
//! of a server.
//!
//! ```
//! use std::sync::Arc;
//! use axum::{Router, routing::{get, post}};
//! use portcullis_tower::{CurrentUser, GuardLayer, GuardPass, require_op};
//! use portcullis_types::{Guard, MicroCredits};
//!
//! async fn profile(user: CurrentUser) -> String {
//!     user.subject().unwrap_or_default().to_owned()
//! }
//!
//! async fn welcome(user: Option<CurrentUser>) -> &'static str {
//!     if user.is_some() { "Hello again!" } else { "Hello, guest!" }
//! }
//!
//! async fn create_document(pass: GuardPass) -> &'static str {
//!     pass.set_actual(MicroCredits(1_500_000)); // it was cheaper than what is held
//!     "created"
//! }
//!
//! fn app(guard: Arc<dyn Guard>) -> Router {
//!     Router::new()
//!         .route("/profile", get(profile))
//!         .route("/", get(welcome))
//!         .route("/documents", post(create_document).route_layer(require_op("create_document")))
//!         .layer(GuardLayer::new(guard).skip(["/health"]))
//! }
//! ```
//!
//! [`BearerLayer`] is stricter and knows less: it lets nobody through who cannot be named, and hands the
//! [`Caller`](portcullis_types::Caller) on, for [`AuthenticatedCaller`]. The Portcullis API itself stands behind it.
//!
//! An API that takes access tokens for itself, of people who signed in elsewhere, is a [`ProtectedResource`]: it publishes who gives
//! tokens, takes those alone whose audience it is, and asks for scopes with [`require_scope`].
//!
//! Its refusals are problem details ([`ProblemResponse`]), the body that the Portcullis API answers with; those of the guard are
//! [`GuardRefusal`]s.
//!
//! To add a layer or an extractor: one file (or a folder), registered here. A layer says what it does around the routes (`Gate`, in
//! `gate.rs`) and makes [`Gated`] services of them.

mod bearer;
mod caller;
mod challenge;
mod gate;
mod guard;
mod problem;
mod rate_limit;
mod request_id;
mod resource;

pub use bearer::{BearerLayer, BearerRefusal, MAX_BEARER_BYTES, bearer_credential};
pub use caller::AuthenticatedCaller;
pub use challenge::add_resource_metadata;
pub use gate::Gated;
pub use guard::{
    CookieCredential, CredentialRefusal, Credentials, CurrentUser, GuardLayer, GuardPass, GuardRefusal,
    GuardState, Guarded, Operation, RawClaims, RequireOp, Roles, path_param, require_op,
};
pub use problem::ProblemResponse;
pub use rate_limit::{PeerAddress, RateLimit, RateLimitLayer, RateLimitOptions, RateLimited};
pub use request_id::{RequestId, RequestIds};
pub use resource::{
    ProtectedResource, ProtectedResourceLayer, RequireScope, ResourceRefusal, ResourceToken, require_scope,
};
