use std::error::Error as _;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use portcullis::OpenError;
use portcullis::store::StoreError;

use crate::config::ConfigError;

/// What starting and every command answers.
pub type Result<T = (), E = Error> = std::result::Result<T, E>;

/// Why a start or a command did not do what it was asked. Its text with its causes is one line: see [`Error::line`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The answer is no: exit code 1 instead of 2. The text is for stderr; empty when the answer is already on stdout.
    No(String),
    /// The command line asks for what cannot be done; the text says what to do instead.
    Usage(String),
    /// The configuration cannot be used.
    Config(ConfigError),
    /// A file or a folder cannot be used.
    File {
        /// What was tried.
        doing: &'static str,
        /// On which.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The address cannot be listened on.
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// What HTTPS is to be served with cannot be used.
    Tls {
        /// The setting: `tls_cert` or `tls_key`.
        setting: &'static str,
        /// The file that it names.
        path: PathBuf,
        /// What was expected.
        expected: String,
    },
    /// The database cannot be used.
    Database(StoreError),
    /// This node has no master key, or the wrong one.
    MasterKey {
        /// Which key, and what to do.
        message: String,
        /// What refused it.
        source: Option<portcullis::Error>,
    },
    /// The owner's new access key is in `bootstrap.json`, and the one that it replaces could not be deleted.
    OldKey {
        /// The owner.
        client_id: String,
        /// The key that still works.
        key_id: String,
        /// Why it is still there.
        source: portcullis::Error,
    },
    /// A use case failed.
    Engine(portcullis::Error),
    /// The server's answer cannot be used.
    Server(String),
    /// The server refused, or could not be asked.
    Client(portcullis_client::ClientError),
    /// A document has an unknown key, or a value that does not fit.
    Document {
        /// Which document.
        name: String,
        /// Where and what.
        message: String,
    },
    /// Standard output or input is gone.
    Stdio(io::Error),
    /// Something that cannot happen.
    Internal(String),
}

impl Error {
    pub(crate) fn file(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File { doing, path: path.to_path_buf(), source }
    }

    /// 1 for no, 2 for a failure.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::No(_) => 1,
            _ => 2,
        }
    }

    /// The error and its causes, in one line; empty when there is nothing to say.
    pub fn line(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // Wrappers that repeat what they wrap say nothing new.
            if !line.ends_with(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            cause = error.source();
        }
        line.replace('\n', " ")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::No(text) | Self::Usage(text) | Self::Server(text) | Self::Internal(text) => {
                f.write_str(text)
            }
            Self::Config(error) => error.fmt(f),
            Self::File { doing, path, .. } => write!(f, "cannot {doing} {}", path.display()),
            Self::Listen { address, .. } => write!(f, "cannot listen on {address}"),
            Self::Tls { setting, path, expected } => {
                write!(f, "{setting}: {}: {expected}", path.display())
            }
            Self::Database(error) => error.fmt(f),
            Self::MasterKey { message, .. } => f.write_str(message),
            Self::OldKey { client_id, key_id, .. } => write!(
                f,
                "the new access key is in bootstrap.json, but the old one, {key_id}, still works: delete it with \
                 `portcullis client key delete {client_id} {key_id}`"
            ),
            Self::Engine(error) => error.fmt(f),
            Self::Client(error) => error.fmt(f),
            Self::Document { name, message } => write!(f, "{name}: {message}"),
            Self::Stdio(_) => f.write_str("cannot use standard input or output"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(error) => error.source(),
            Self::File { source, .. } | Self::Listen { source, .. } | Self::Stdio(source) => Some(source),
            Self::Database(error) => error.source(),
            Self::MasterKey { source, .. } => source.as_ref().map(|error| error as _),
            Self::OldKey { source, .. } => Some(source),
            Self::Engine(error) => error.source(),
            Self::Client(error) => error.source(),
            Self::No(_)
            | Self::Usage(_)
            | Self::Server(_)
            | Self::Document { .. }
            | Self::Tls { .. }
            | Self::Internal(_) => None,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Database(error) => error.into(),
            OpenError::KeyFile { path, source } => Self::file("read the master key", &path, source),
            OpenError::NoKey { path, source } => Self::MasterKey {
                message: format!("{} holds no master key: {source}", path.display()),
                source: None,
            },
            OpenError::KeyMissing { path } => crate::installation::no_master_key(&path),
            OpenError::Start(error) => error.into(),
            error => Self::Internal(error.to_string()),
        }
    }
}

impl From<portcullis::Error> for Error {
    fn from(error: portcullis::Error) -> Self {
        Self::Engine(error)
    }
}

impl From<portcullis_client::ClientError> for Error {
    fn from(error: portcullis_client::ClientError) -> Self {
        match error.is_not_found() {
            true => portcullis::Error::NotFound("it was").into(),
            false => Self::Client(error),
        }
    }
}
