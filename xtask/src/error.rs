//! What can go wrong in a development command, and how it is told.

use std::fmt;
use std::io;
use std::process::ExitStatus;

/// The result of every development command.
pub(crate) type Result<T = ()> = std::result::Result<T, Error>;

/// Why a development command stopped.
#[derive(Debug)]
pub(crate) enum Error {
    /// The command line is wrong.
    Usage(String),
    /// The operating system refused something.
    Io { doing: String, source: io::Error },
    /// A program that was started did not succeed.
    Exit { command: String, status: ExitStatus, output: String },
    /// A check found something, or something that is needed is missing.
    Failed(String),
    /// A signal asked to stop.
    Interrupted,
    /// Steps failed and the summary has already said so; only the exit code is left to give.
    Reported(u8),
}

impl Error {
    /// The exit code of the process: 1 a failure, 2 wrong usage, 130 interrupted.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Interrupted => 130,
            Self::Reported(code) => *code,
            Self::Io { .. } | Self::Exit { .. } | Self::Failed(_) => 1,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Failed(message) => f.write_str(message),
            Self::Io { doing, source } => write!(f, "cannot {doing}: {source}"),
            Self::Exit { command, status, output } => {
                write!(f, "`{command}` ended with {status}")?;
                if output.trim().is_empty() { Ok(()) } else { write!(f, "\n{}", output.trim_end()) }
            }
            Self::Interrupted => f.write_str("interrupted"),
            Self::Reported(_) => f.write_str("some steps failed"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// Says what was being done when the operating system refused.
pub(crate) trait Doing<T> {
    /// Turns the error into [`Error::Io`]; `what` completes the sentence "cannot …".
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T> {
        self.map_err(|source| Error::Io { doing: what(), source })
    }
}
