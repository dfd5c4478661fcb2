//! The Portcullis SDK for Rust: sign-in, guard, authorization, credits and organizations against a server.
//!
//! Authorize with a user's token, or as a service client:
//!
//! ```
//! use portcullis_client::{Client, ClientError};
//!
//! async fn get_resource(client: &Client, authorization_header: &str, resource_id: &str) -> Result<u16, ClientError> {
//!     // Who asks, by the token that came with the request …
//!     let Ok(identity) = client.verify_token(authorization_header).await else { return Ok(401) };
//!     let resource = format!("resources/{resource_id}");
//!     // … and whether they may. `false` is the answer no; an error means that nobody could be asked, or not by you.
//!     if !client.access().authorize_user(identity.subject(), &resource, "READ").await? {
//!         return Ok(403);
//!     }
//!     // The same question with the user's own token, which needs no right to ask about others:
//!     let as_user = client.with_token(authorization_header);
//!     let allowed = as_user.access().authorize_user(identity.subject(), &resource, "READ").await?;
//!     Ok(if allowed { 200 } else { 403 })
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use portcullis_client::types::authress::{AccessRecordBody, Statement};
//! # let server = portcullis_testkit::TestServer::start().await?;
//! # let (base_url, access_key) = (server.url(), server.access_key());
//! // Once, when the service starts. The access key stays here; each day one token is signed with it.
//! let client = Client::builder(base_url).access_key(access_key).build()?;
//! # let alice = format!("Bearer {}", server.user_token("alice").await?);
//! # assert_eq!(get_resource(&client, "forged", "1").await?, 401);
//! # assert_eq!(get_resource(&client, &alice, "1").await?, 403);
//! # client.records().create(&AccessRecordBody {
//! #     name: "Alice's".to_owned(),
//! #     users: Some(vec!["alice".into()]),
//! #     statements: vec![Statement {
//! #         roles: vec!["Authress:Owner".to_owned()],
//! #         resources: vec!["resources/1".into()],
//! #         ..Default::default()
//! #     }],
//! #     ..Default::default()
//! # }).await?;
//! # assert_eq!(get_resource(&client, &alice, "1").await?, 200);
//! # assert_eq!(get_resource(&client, &alice, "2").await?, 403);
//! # server.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! A service client as an API key: the application gets a key from its user, and a token from the key.
//!
//! ```
//! use portcullis_client::Client;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = portcullis_testkit::TestServer::start().await?;
//! # let (base_url, access_key) = (server.url(), server.access_key());
//! let jwt = Client::builder(base_url).access_key(access_key).build()?.token().await?;
//! let authorization = format!("Bearer {}", jwt.expose());
//! # assert_eq!(server.client().verify_token(&authorization).await?.subject(), server.client_id());
//! # server.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! Making such a key for a user:
//!
//! ```
//! use portcullis_client::types::authress::{AccessRecordBody, ClientBody, Statement};
//! use portcullis_client::{Client, ClientError};
//!
//! async fn api_key(client: &Client, user_id: &str) -> Result<Option<String>, ClientError> {
//!     let new_client = ClientBody { name: Some(format!("ServiceClient for User {user_id}")), ..Default::default() };
//!     let new_client = client.clients().create(&new_client).await?;
//!
//!     // Give the service client access to the user's data.
//!     let record = AccessRecordBody {
//!         name: format!("API Key {}", new_client.client_id),
//!         users: Some(vec![new_client.client_id.as_str().into()]),
//!         statements: vec![Statement {
//!             roles: vec!["Authress:Owner".to_owned()],
//!             resources: vec![format!("/users/{user_id}").into()],
//!             ..Default::default()
//!         }],
//!         ..Default::default()
//!     };
//!     client.records().create(&record).await?;
//!
//!     let key = client.clients().create_access_key(&new_client.client_id).await?;
//!     Ok(key.access_key)
//! }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = portcullis_testkit::TestServer::start().await?;
//! # let key = api_key(server.client(), "alice").await?.unwrap();
//! # let with_key = Client::builder(server.url()).access_key(key).build()?;
//! # let token = with_key.token().await?;
//! # let made = with_key.verify_token(token.expose()).await?;
//! # assert!(with_key.access().authorize_user(made.subject(), "/users/alice", "READ").await?);
//! # assert!(!with_key.access().authorize_user(made.subject(), "/users/bob", "READ").await?);
//! # server.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Errors
//!
//! [`ClientError::is_refusal`] is "no", [`ClientError::could_not_ask`] is "nobody knows"; every error is one of the two. No
//! error and no `Debug` holds a token, a key or a body.
//!
//! # To add a call
//!
//! A method in `area/<area>.rs`: path, query, body, and what the answer is read as. A new area is a file there, one line in
//! `area/mod.rs` and one method of [`Client`]. Sending, retries and errors are `transport.rs` and `error.rs`, once for all.
//!
//! | file | its question |
//! |---|---|
//! | `client.rs` | what can be asked, and by whom? [`Client`] |
//! | `config/` | how is a client configured? [`ClientBuilder`], [`Retries`], [`TokenProvider`] |
//! | `transport.rs` | how is a call sent, and when again? [`Request`], [`Answer`] |
//! | `error.rs` | why is there no result? [`ClientError`], [`Refusal`] |
//! | `device_flow.rs` | how does a program without a browser sign its user in? [`DeviceFlow`] |
//! | `page.rs` | how are lists read? [`Page`], [`Collection`] |
//! | `area/` | which calls are there? |
//! | `authorization_code.rs` | how does an application sign its user in with a browser? [`AuthorizationCodeFlow`] |
//! | `guard/` | may this request go on? [`RemoteGuard`] |
//! | `verify/` | is this token good? [`VerifyError`] |
//! | `workspace.rs` | the same without errors: [`WorkspaceClient`] |
//! | `system.rs` | where do time and chance come from? |

pub mod area;
mod authorization_code;
mod client;
mod config;
mod device_flow;
mod error;
mod guard;
mod page;
mod system;
mod transport;
mod verify;
pub mod workspace;

pub use authorization_code::{
    AuthorizationCodeError, AuthorizationCodeFlow, PendingAuthorization, StartedAuthorization,
};
pub use client::Client;
pub use config::{ClientBuilder, Retries, TokenProvider};
pub use device_flow::{DeviceFlow, DeviceFlowError, DevicePoll, PendingDevice};
pub use error::{ClientError, Refusal, Result};
pub use guard::RemoteGuard;
pub use page::{Collection, ListQuery, Page};
pub use portcullis_jose::Claims;
pub use portcullis_types as types;
pub use reqwest::Method;
pub use transport::{Answer, Request, path};
pub use verify::VerifyError;
pub use workspace::WorkspaceClient;
