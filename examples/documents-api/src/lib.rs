//! An axum application with protected, optional and priced routes, guarded by Portcullis: in this process, or by a server.
//!
//! | file | its question |
//! |---|---|
//! | `routes.rs` | what does the application answer? |
//! | `backend.rs` | what differs between embedded and against a server? |

mod backend;
mod routes;

pub use backend::{Backend, BackendError};
pub use routes::router;

/// The part of the repository's README that is about axum applications, compiled.
#[cfg(doctest)]
mod readme {
    #![doc = include_str!("../../../README.md")]
}
