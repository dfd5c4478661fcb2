//! An axum application with protected, optional and priced routes, guarded by Portcullis: in this process, or by a server.
//!
//! | file | its question |
//! |---|---|
//! | `routes.rs` | what does the application answer? |
//! | `backend.rs` | what differs between embedded and against a server? |
//! | `shelf.rs` | where are documents kept? |
//!
//! The least that an application needs, embedded: somebody registers, signs in, and asks for a route that only users may.
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::body::Body;
//! use axum::http::Request;
//! use axum::{Router, routing::get};
//! use portcullis::session::{self, Device};
//! use portcullis::{Cx, Portcullis, sign_in};
//! use portcullis_tower::{CurrentUser, GuardLayer};
//! use portcullis_types::Sensitive;
//! use portcullis_types::auth::{LoginBody, RegisterBody};
//! use tower::ServiceExt as _;
//!
//! # async fn example(folder: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
//! let portcullis = Portcullis::open(format!("sqlite://{}/app.db", folder.display())).await?;
//!
//! let (email, password) = ("alice@example.com".to_owned(), Sensitive::new("a long walk by the quiet river"));
//! let alice = RegisterBody { email: email.clone(), password: password.clone(), name: None, pool: None };
//! sign_in::register(&portcullis, &Cx::local("documents"), alice).await?;
//!
//! let login = LoginBody { email, password, pool: None, device_name: None };
//! let tokens = session::log_in(&portcullis, Device::default(), login).await?;
//!
//! let app: Router = Router::new()
//!     .route("/me", get(async |user: CurrentUser| user.subject().unwrap_or_default().to_owned()))
//!     .layer(GuardLayer::new(Arc::new(portcullis)));
//!
//! let bearer = format!("Bearer {}", tokens.access_token.expose());
//! let mine = Request::get("/me").header("Authorization", bearer).body(Body::empty())?;
//! assert_eq!(app.clone().oneshot(mine).await?.status(), 200);
//! assert_eq!(app.oneshot(Request::get("/me").body(Body::empty())?).await?.status(), 401);
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! #     example(tempfile::tempdir().unwrap().path()).await.unwrap();
//! # });
//! ```

mod backend;
mod routes;
mod shelf;

pub use backend::{Backend, BackendError};
pub use routes::router;
pub use shelf::{MemoryShelf, Shelf, ShelfFull};

/// The part of the repository's README that is about axum applications, compiled.
#[cfg(doctest)]
mod readme {
    #![doc = include_str!("../../../README.md")]
}
