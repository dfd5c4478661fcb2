use thiserror::Error;

/// Why a test has no server, or no database.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TestError {
    /// The temporary folder could not be made.
    #[error("no temporary folder")]
    Folder(#[from] std::io::Error),
    /// The server did not start.
    #[error("the server did not start: {}", .0.line())]
    Server(portcullis_server::Error),
    /// A use case of the server failed.
    #[error("the server refused")]
    Refused(#[from] portcullis_server::portcullis::Error),
    /// No client could be made, or a call of it failed: the server refused, or did not answer.
    #[error("the client failed")]
    Client(#[from] portcullis_client::ClientError),
    /// The server answered a registration with a mail.
    #[error("the server sent a mail instead of signing in")]
    MailSent,
    /// No PostgreSQL was named.
    #[error("PORTCULLIS_TEST_POSTGRES is not set: `cargo xtask postgres -- COMMAND` runs a command with one")]
    NoPostgres,
    /// PostgreSQL refused.
    #[error("PostgreSQL refused")]
    Postgres(#[from] sqlx::Error),
}

impl From<portcullis_server::Error> for TestError {
    fn from(error: portcullis_server::Error) -> Self {
        Self::Server(error)
    }
}
