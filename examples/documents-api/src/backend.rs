use std::fmt;
use std::sync::Arc;

use portcullis::session::{self, Device};
use portcullis::{OpenError, Portcullis};
use portcullis_client::{Client, ClientError};
use portcullis_types::auth::LoginBody;
use portcullis_types::{Guard, Sensitive};

/// Who guards the application, and signs people in.
#[derive(Clone)]
pub enum Backend {
    /// Portcullis in this process.
    Embedded(Portcullis),
    /// A server.
    Server(Client),
}

/// Why nobody was signed in.
#[derive(Debug)]
pub enum BackendError {
    /// The address or the password is wrong.
    Refused,
    /// Too many attempts failed: not before so many seconds.
    TooMany {
        /// As it goes into `Retry-After`.
        retry_after_secs: u64,
    },
    /// It could not be found out.
    Unavailable,
}

impl Backend {
    /// Opens a database in this process.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn embedded(url: &str) -> Result<Self, OpenError> {
        Portcullis::open(url).await.map(Self::Embedded)
    }

    /// Asks a server, as the service client with this access key.
    ///
    /// # Errors
    /// [`ClientError`] when the address or the key cannot be used.
    pub fn server(url: &str, access_key: &str) -> Result<Self, ClientError> {
        Client::builder(url).access_key(access_key).build().map(Self::Server)
    }

    /// What the routes ask.
    pub fn guard(&self) -> Arc<dyn Guard> {
        match self {
            Self::Embedded(portcullis) => Arc::new(portcullis.clone()),
            Self::Server(client) => Arc::new(client.guard()),
        }
    }

    /// Signs a person in, and gives an access token.
    ///
    /// # Errors
    /// [`BackendError`].
    pub async fn login(&self, email: String, password: Sensitive) -> Result<Sensitive, BackendError> {
        match self {
            Self::Embedded(portcullis) => {
                let login = LoginBody { email, password, pool: None, device_name: None };
                let tokens = session::log_in(portcullis, Device::default(), login).await?;
                Ok(tokens.access_token)
            }
            Self::Server(client) => {
                let tokens = client.auth().login(&email, password.expose()).await?;
                Ok(tokens.access_token)
            }
        }
    }
}

impl From<portcullis::Error> for BackendError {
    fn from(error: portcullis::Error) -> Self {
        match error {
            portcullis::Error::InvalidCredentials | portcullis::Error::Invalid(_) => Self::Refused,
            portcullis::Error::TooManyAttempts { retry_after_secs } => {
                Self::TooMany { retry_after_secs: retry_after_secs.into() }
            }
            _ => Self::Unavailable,
        }
    }
}

impl From<ClientError> for BackendError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Unavailable { status: 429, retry_after, .. } => {
                Self::TooMany { retry_after_secs: retry_after.map_or(1, |after| after.as_secs().max(1)) }
            }
            error if error.is_refusal() => Self::Refused,
            _ => Self::Unavailable,
        }
    }
}

impl fmt::Display for BackendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "the address or the password is wrong",
            Self::TooMany { .. } => "too many attempts failed; try again later",
            Self::Unavailable => "nobody can be signed in now",
        })
    }
}

impl std::error::Error for BackendError {}
