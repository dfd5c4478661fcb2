//! A real Portcullis server in one call, for tests.
//!
//! ```
//! use portcullis_testkit::TestServer;
//!
//! # async fn example() -> Result<(), portcullis_testkit::TestError> {
//! let server = TestServer::start().await?;
//! // The SDK, with the rights of the owner:
//! let client = server.client();
//! assert!(client.access().authorize_user(server.client_id(), "documents/1", "documents:read").await?);
//! // Any Authress SDK, or bare HTTP:
//! let (url, bearer) = (server.url(), server.access_key());
//! // A user who signs in:
//! let token = server.user_token("alice").await?;
//! // The use cases, without HTTP: what the server holds, and a quick way to fill it.
//! let portcullis = server.portcullis();
//! # assert!(url.starts_with("http://127.0.0.1:") && bearer.starts_with("sc_") && token.contains('.'));
//! # assert_eq!(portcullis.account().account_id, server.account_id());
//! server.shutdown().await;
//! # Ok(())
//! # }
//! # let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
//! # runtime.block_on(example()).unwrap();
//! ```
//!
//! It is the server that `portcullis serve` starts, in this process, on a free port of the loopback, with a SQLite file in a
//! temporary folder in memory (`/dev/shm`, or else the system's temporary folder). [`TestServer::builder`] gives it another database
//! ([`FreshPostgres`]), another clock ([`MovableClock`]), chance that repeats itself ([`SeededRng`]), or any other setting.
//!
//! To add a fixture: a file here with what it is for, re-exported; what a test asks of the server is a method of [`TestServer`].
//!
//! ```
//! use std::sync::Arc;
//! use portcullis_testkit::{MovableClock, TestServer};
//! use portcullis_types::Timestamp;
//!
//! # async fn example() -> Result<(), portcullis_testkit::TestError> {
//! let clock = Arc::new(MovableClock::new(Timestamp::from_secs(1_800_000_000)));
//! let server = TestServer::builder().clock(clock.clone()).start().await?;
//! let token = server.user_token("alice").await?;
//! clock.advance_secs(25 * 60 * 60); // the token is past its time now
//! # drop(token);
//! # server.shutdown().await;
//! # Ok(())
//! # }
//! # let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
//! # runtime.block_on(example()).unwrap();
//! ```

mod clock;
mod error;
mod postgres;
mod rng;
pub mod scenario;
mod server;

pub use clock::MovableClock;
pub use error::TestError;
pub use portcullis_client;
pub use portcullis_server;
pub use postgres::FreshPostgres;
pub use rng::SeededRng;
pub use server::{TestServer, TestServerBuilder};
