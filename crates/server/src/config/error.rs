use std::fmt;
use std::path::PathBuf;

/// Why a configuration cannot be used. Never shows a value: it may be a secret.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file cannot be read.
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is not TOML.
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where in it.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// There is no such setting.
    Unknown {
        /// What kind of thing it was given as.
        what: &'static str,
        /// Its name, as it was written.
        name: String,
    },
    /// A value is not one that the setting accepts.
    Value {
        /// The setting, as it was written.
        name: String,
        /// What it accepts.
        expected: String,
    },
    /// A secret was given twice in one place.
    Both {
        /// As it is.
        one: String,
        /// As a file.
        other: String,
    },
    /// A setting without a default was not given.
    Missing {
        /// Which.
        name: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, .. } => write!(f, "cannot read {}", path.display()),
            Self::Syntax { path, line, message } => write!(f, "{}, line {line}: {message}", path.display()),
            Self::Unknown { what, name } => write!(f, "unknown {what}: {name}"),
            Self::Value { name, expected } => write!(f, "{name}: expected {expected}"),
            Self::Both { one, other } => {
                write!(f, "{one} and {other} were both given: one of them is enough")
            }
            Self::Missing { name } => write!(f, "the setting {name} is missing"),
        }
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read { source, .. } => Some(source),
            _ => None,
        }
    }
}
