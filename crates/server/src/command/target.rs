use std::path::PathBuf;

use crate::config::{Config, Flags, SecretText};
use crate::{Error, Result};

/// Which database, and how its node is configured.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Storage {
    /// sqlite://PATH or postgres://USER[:PASSWORD]@HOST/DATABASE [default: a file in the data folder]
    #[arg(long, global = true, value_name = "URL")]
    database: Option<SecretText>,
    /// The folder for keys, the bootstrap file and the default database [default: ./portcullis-data]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// A configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Storage {
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            database: self.database.clone(),
            data_dir: self.data_dir.clone(),
            ..Flags::default()
        }
    }

    pub(crate) fn load(&self) -> Result<Config> {
        load(&self.flags())
    }

    fn is_given(&self) -> bool {
        self.database.is_some() || self.data_dir.is_some() || self.config.is_some()
    }
}

pub(crate) fn load(flags: &Flags) -> Result<Config> {
    Ok(Config::load(flags, std::env::vars_os())?)
}

/// What a command works on: a database that it opens itself (also while a server runs), or a server.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct Target {
    #[command(flatten)]
    pub(crate) storage: Storage,
    /// Ask this server instead of a database [env: PORTCULLIS_SERVER]
    #[arg(long, global = true, value_name = "URL", conflicts_with_all = ["database", "data_dir", "config"])]
    server: Option<String>,
    /// The access key to ask the server with; better in a file or in PORTCULLIS_KEY, where other users do not see it
    #[arg(long, global = true, value_name = "KEY")]
    key: Option<SecretText>,
    /// A file with the access key: the key alone, or a bootstrap.json [env: PORTCULLIS_KEY_FILE]
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "key")]
    key_file: Option<PathBuf>,
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// A server and the key to ask it with.
#[derive(Debug)]
pub(crate) struct ServerAccess {
    pub(crate) url: String,
    pub(crate) key: SecretText,
}

impl Target {
    /// The server, if one is to be asked. Flags that name a database win over a server in the environment.
    pub(crate) fn server(&self) -> Result<Option<ServerAccess>> {
        let from_environment =
            || if self.storage.is_given() { None } else { std::env::var("PORTCULLIS_SERVER").ok() };
        let Some(url) = self.server.clone().or_else(from_environment) else { return Ok(None) };
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return Err(Error::Usage(
                "--server: expected http://HOST[:PORT] or https://HOST[:PORT]".to_owned(),
            ));
        }
        let key = self.access_key()?.ok_or_else(|| {
            Error::Usage(
                "a server is asked with an access key: --key-file, PORTCULLIS_KEY or --key".to_owned(),
            )
        })?;
        Ok(Some(ServerAccess { url: url.trim_end_matches('/').to_owned(), key }))
    }

    fn access_key(&self) -> Result<Option<SecretText>> {
        if let Some(key) = &self.key {
            return Ok(Some(key.clone()));
        }
        if let Some(path) = &self.key_file {
            return read_key(path).map(Some);
        }
        if let Ok(key) = std::env::var("PORTCULLIS_KEY") {
            return Ok(Some(SecretText::new(key)));
        }
        std::env::var_os("PORTCULLIS_KEY_FILE").map(|path| read_key(&PathBuf::from(path))).transpose()
    }
}

/// The key alone, or the bootstrap file as it was written.
fn read_key(path: &std::path::Path) -> Result<SecretText> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Error::file("read the access key", path, error))?;
    let text = text.trim();
    if !text.starts_with('{') {
        return Ok(SecretText::new(text));
    }
    let bootstrap: Option<crate::Bootstrap> = serde_json::from_str(text).ok();
    let key = bootstrap.and_then(|bootstrap| bootstrap.access_key);
    key.map(SecretText::new).ok_or_else(|| Error::Usage(format!("{} holds no access key", path.display())))
}
