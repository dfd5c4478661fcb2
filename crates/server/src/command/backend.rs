//! What a command talks to.

use portcullis::{Cx, Portcullis};

use super::operating_user::operating_user;
use super::remote::Remote;
use super::target::Target;
use crate::config::{Config, LogConfig};
use crate::installation::{Ambient, start_existing};
use crate::{Result, observability};

/// An opened database, or a server.
pub(crate) enum Backend {
    /// The use cases, in this process.
    Local(Local),
    /// The same use cases, over HTTP.
    Remote(Remote),
}

/// The use cases, with the rights of whoever can open the database.
pub(crate) struct Local {
    pub(crate) portcullis: Portcullis,
    pub(crate) cx: Cx,
}

impl Backend {
    pub(crate) async fn open(target: &Target) -> Result<Self> {
        match target.server()? {
            Some(access) => Ok(Self::Remote(Remote::new(access)?)),
            None => Ok(Self::Local(Local::open(&target.storage.load()?).await?)),
        }
    }

    pub(crate) async fn close(self) {
        if let Self::Local(local) = self {
            local.close().await;
        }
    }
}

impl Local {
    pub(crate) async fn open(config: &Config) -> Result<Self> {
        quiet_log(config)?;
        let portcullis = start_existing(config, &Ambient::system()).await?;
        Ok(Self { portcullis, cx: Cx::local(&operating_user()) })
    }

    pub(crate) async fn close(self) {
        self.portcullis.close().await;
    }
}

/// A command says what it did itself: its log holds only what is wrong.
pub(crate) fn quiet_log(config: &Config) -> Result {
    let filter = "warn".to_owned();
    observability::start_log(&LogConfig { filter, ..config.log.clone() }, "cli")
}
