//! How a client is configured.
//!
//! | file | its question |
//! |---|---|
//! | `builder.rs` | which server, which limits? [`ClientBuilder`] |
//! | `credential.rs` | who asks? an access key, a token, a provider of tokens |
//! | `retry.rs` | when is a call sent again, and after how long? [`Retries`] |

mod builder;
mod credential;
mod retry;

pub use builder::ClientBuilder;
pub(crate) use builder::{Settings, bare};
pub(crate) use credential::Credential;
pub use credential::TokenProvider;
pub use retry::Retries;
