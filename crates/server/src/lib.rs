//! The Portcullis server: configuration, commands, and the composition root that starts a server in this process.
//!
//! The binary `portcullis` is [`run`]. [`Server::start`] starts a server from a [`Config`], which is what
//! `portcullis-testkit` does for tests; an application that only needs decisions embeds the crate `portcullis` instead.
//!
//! | what | where |
//! |---|---|
//! | flags, environment, file, defaults | `config/`; the table of all settings is `config/keys.rs` |
//! | the data folder: master key, bootstrap file | `data_dir.rs` |
//! | the owner's first access key: its age, its replacement | `owner_key.rs` |
//! | database, master key and identity behind a configuration | `installation.rs` |
//! | listening, starting, stopping | `serve/` |
//! | commands | `command/<name>.rs`, registered in `command/mod.rs` |
//! | the log and the metrics | `observability.rs` |
//! | stdout | `output.rs`, and nothing else |
//!
//! To add a setting: an entry in `config/keys.rs` and a field of [`Config`], then `cargo xtask gen`. To add a command: its file, and its
//! two lines in `command/mod.rs`.

mod command;
mod config;
mod data_dir;
mod error;
mod installation;
mod observability;
mod output;
mod owner_key;
mod serve;

pub use command::run;
pub use config::{
    Config, ConfigError, Flags, Given, Limits, LogConfig, MailConfig, SecretText, schema as config_schema,
};
pub use data_dir::{Bootstrap, DataDir};
pub use error::{Error, Result};
pub use installation::{Ambient, Identity, Installation};
pub use observability::{metrics, start_log};
pub use portcullis;
pub use serve::{Network, Server};
