//! How mail is sent: the settings `mail` and `mail_from`.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use portcullis::mail::{FileMailer, MailAddress, Mailer, SmtpMailer};
use portcullis_types::Clock;

use super::layer::Layers;
use super::{ConfigError, SecretText};
use crate::Error;

const EXPECTED: &str = "none, file:FOLDER, smtps://… or smtp://…";

/// How mail is sent.
#[derive(Clone, Default)]
pub enum MailConfig {
    /// Not at all.
    #[default]
    None,
    /// Each into a file of its own.
    File {
        /// In which folder.
        folder: PathBuf,
        /// From whom.
        from: MailAddress,
    },
    /// Through an SMTP server.
    Smtp {
        /// Which: see [`SmtpMailer::new`]. May hold a password.
        url: SecretText,
        /// From whom.
        from: MailAddress,
        /// Certificates in PEM that are trusted beside the public ones.
        ca_file: Option<PathBuf>,
    },
    /// By what the program that this server is a part of gave.
    Given(Arc<dyn Mailer>),
}

impl MailConfig {
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        let Some((text, origin)) = layers.secret("mail")? else { return Ok(Self::None) };
        let from = || {
            let from = layers.text("mail_from").and_then(|from| from.parse().ok());
            from.ok_or(ConfigError::Missing { name: "mail_from" })
        };
        match text.split_once(':') {
            None if text == "none" => Ok(Self::None),
            Some(("file", folder)) if !folder.is_empty() => {
                Ok(Self::File { folder: folder.into(), from: from()? })
            }
            Some(("smtp" | "smtps", _)) => {
                let ca_file = layers.text("mail_ca_file").map(PathBuf::from);
                Ok(Self::Smtp { url: SecretText::new(text), from: from()?, ca_file })
            }
            _ => Err(ConfigError::Value { name: origin, expected: EXPECTED.to_owned() }),
        }
    }

    /// What sends it. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Usage`] when an SMTP URL or a certificate is none; [`Error::File`] when the certificates cannot be read.
    pub(crate) fn mailer(&self, clock: &Arc<dyn Clock>) -> crate::Result<Option<Arc<dyn Mailer>>> {
        Ok(match self {
            Self::None => None,
            Self::File { folder, from } => {
                Some(Arc::new(FileMailer::new(folder, from.clone(), Arc::clone(clock))))
            }
            Self::Smtp { url, from, ca_file } => {
                let roots = ca_file.as_ref().map(|path| {
                    std::fs::read(path).map_err(|error| Error::file("read the certificates", path, error))
                });
                let roots = roots.transpose()?;
                let mailer = SmtpMailer::trusting(url.expose(), from, Arc::clone(clock), roots.as_deref());
                Some(Arc::new(mailer.map_err(|error| Error::Usage(error.to_string()))?))
            }
            Self::Given(mailer) => Some(Arc::clone(mailer)),
        })
    }
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::File { .. } => "File(..)",
            Self::Smtp { .. } => "Smtp(..)",
            Self::Given(_) => "Given(..)",
        })
    }
}
