//! The installation behind a configuration: its database, its master key, and who it is.

use std::io;
use std::path::Path;
use std::sync::Arc;

use portcullis::jose::MasterKey;
use portcullis::open::{KeySource, Prepared, prepare};
use portcullis::store::{MigrationReport, OpenOptions, Store, is_in_memory, sqlite_file};
use portcullis::{Account, Bootstrapped, Portcullis, Settings};
use portcullis_types::{Clock, Rng};

use crate::config::Config;
use crate::data_dir::{Bootstrap, DataDir};
use crate::{Error, Result};

/// Where time and chance come from.
#[derive(Clone)]
pub struct Ambient {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
}

impl Ambient {
    /// The operating system's.
    pub fn system() -> Self {
        Self { clock: Arc::new(portcullis::SystemClock), rng: Arc::new(portcullis::SystemRng) }
    }
}

/// What a node is called.
#[derive(Clone, Debug)]
pub struct Identity {
    /// By clients: the origin of the installation.
    pub public_url: String,
    /// By logs, changes and the audit trail: a name that no other process has.
    pub node: String,
    /// By clients on the same machine.
    pub loopback: Vec<String>,
}

/// A database with an installation in it, and what it takes to start on it.
pub struct Installation {
    /// The database, migrated.
    pub store: Arc<dyn Store>,
    /// What its signing keys are sealed under, unless this node has another.
    pub master_key: MasterKey,
    /// Who it is, and the owner's access key if this node has it.
    pub bootstrap: Bootstrap,
    /// Whether this call made it.
    pub created: bool,
    /// What was done to the schema.
    pub migration: MigrationReport,
}

impl Installation {
    /// Opens the database of a configuration, brings its schema up to date, and makes the installation if there is none.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::File`]; [`Error::MasterKey`] when there is an installation and this node has no key.
    pub async fn make(config: &Config, ambient: &Ambient) -> Result<Self> {
        let folder = DataDir::at(&config.data_dir);
        folder.create()?;
        let store = open(config).await?;
        let made = Self::make_in(config, ambient, &folder, &store).await;
        if made.is_err() {
            store.close().await;
        }
        made
    }

    async fn make_in(
        config: &Config,
        ambient: &Ambient,
        folder: &DataDir,
        store: &Arc<dyn Store>,
    ) -> Result<Self> {
        let source = key_source(config, folder)?;
        let keep = |made: &Bootstrapped| keep(folder, made);
        let made = prepare(&**store, &source, &*ambient.clock, &*ambient.rng, keep).await?;
        let Prepared { master_key, created, migration, .. } = made;
        let account = &made.account;
        let bootstrap = folder.settle_bootstrap(&account.account_id, &account.owner_client_id)?;
        Ok(Self { store: Arc::clone(store), master_key, bootstrap, created, migration })
    }

    /// Starts to decide.
    ///
    /// # Errors
    /// [`Error::MasterKey`] when this node's key does not open the installation's keys.
    pub async fn start(&self, config: &Config, ambient: &Ambient, identity: Identity) -> Result<Portcullis> {
        let mut settings = Settings::new(identity.public_url, self.master_key.clone());
        settings.node = identity.node;
        settings.origin_aliases = identity.loopback;
        if config.guard_fake_context {
            settings.stages = settings.stages.with_fake_context();
        }
        start(Arc::clone(&self.store), config, ambient, settings).await
    }
}

/// Starts on a database in which there must be an installation: for a command, which makes nothing that was not asked for.
///
/// # Errors
/// [`Error::Usage`] when there is none.
pub(crate) async fn start_existing(config: &Config, ambient: &Ambient) -> Result<Portcullis> {
    refuse_missing_file(config)?;
    let store = open(config).await?;
    let started = async {
        if !store.migrated().await? {
            return Err(Error::Usage(
                "the database's schema is not at this program's version: run `portcullis migrate`, or `portcullis bootstrap` \
                 if it is new"
                    .to_owned(),
            ));
        }
        let folder = DataDir::at(&config.data_dir);
        let master_key = key_source(config, &folder)?.find()?;
        let master_key = master_key.ok_or_else(|| no_master_key(&folder.master_key_path()))?;
        let mut settings = Settings::new(config.public_url_at(config.listen), master_key);
        settings.node = node_id("cli", ambient)?;
        start(Arc::clone(&store), config, ambient, settings).await
    }
    .await;
    if started.is_err() {
        store.close().await;
    }
    started
}

async fn start(
    store: Arc<dyn Store>,
    config: &Config,
    ambient: &Ambient,
    mut settings: Settings,
) -> Result<Portcullis> {
    settings.origin_aliases.extend(config.origin_aliases.iter().cloned());
    settings.grant_cache_bytes = config.grant_cache_bytes;
    settings.token_cache_entries = config.token_cache_entries;
    settings.passwords = config.passwords.clone();
    settings.sign_in = config.sign_in;
    settings.devices = config.devices;
    settings.mailer = config.mail.mailer(&ambient.clock)?;
    settings.sessions = config.sessions;
    settings.key_publish_secs = config.key_publish_secs;
    settings.unknown_operation = config.unknown_operation;
    settings.clock = Arc::clone(&ambient.clock);
    settings.rng = Arc::clone(&ambient.rng);
    Portcullis::start(store, settings).await.map_err(|error| match error {
        portcullis::Error::NotFound(_) => no_installation(),
        portcullis::Error::Internal(_) => Error::MasterKey {
            message: format!("cannot start with the master key {}", master_key_origin(config)),
            source: Some(error),
        },
        error => error.into(),
    })
}

/// Opens the database of a configuration; its schema is not touched.
pub(crate) async fn open(config: &Config) -> Result<Arc<dyn Store>> {
    let options = OpenOptions {
        max_connections: config.database_connections,
        readers: config.database_readers,
        ..OpenOptions::default()
    };
    Ok(portcullis::store::open(config.database.expose(), options).await?)
}

/// A name that no other process of this installation has: a node skips its own changes, and knows them by it.
pub(crate) fn node_id(name: &str, ambient: &Ambient) -> Result<String> {
    let mut bytes = [0; 6];
    ambient.rng.fill(&mut bytes).map_err(|error| Error::Internal(error.to_string()))?;
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{name}-{digits}"))
}

/// Opening a SQLite file makes it; a command that only asks should not leave an empty database behind a typing error.
pub(crate) fn refuse_missing_file(config: &Config) -> Result {
    let url = config.database.expose();
    if is_in_memory(url) {
        return Err(Error::Usage(
            "a database in memory is empty whenever it is opened: only `serve` can use it".to_owned(),
        ));
    }
    match sqlite_file(url) {
        Some(path) if !path.exists() => Err(no_installation_at(&path)),
        _ => Ok(()),
    }
}

/// Keeps what cannot be made again, before the database commits.
fn keep(folder: &DataDir, made: &Bootstrapped) -> io::Result<()> {
    let Some(access_key) = &made.access_key else { return Ok(()) };
    let access_key = String::from_utf8(access_key.expose().to_vec()).map_err(io::Error::other)?;
    let Account { account_id, owner_client_id, .. } = made.account.clone();
    folder.keep_bootstrap(&Bootstrap { account_id, client_id: owner_client_id, access_key: Some(access_key) })
}

fn key_source(config: &Config, folder: &DataDir) -> Result<KeySource> {
    let Some(given) = &config.master_key else { return Ok(KeySource::File(folder.key_file())) };
    let key = MasterKey::from_text(given.secret.expose()).map_err(|error| Error::MasterKey {
        message: format!("{} holds no master key: {error}", given.origin),
        source: None,
    })?;
    Ok(KeySource::Given(key))
}

fn master_key_origin(config: &Config) -> String {
    match &config.master_key {
        Some(given) => given.origin.clone(),
        None => DataDir::at(&config.data_dir).master_key_path().display().to_string(),
    }
}

pub(crate) fn no_master_key(path: &Path) -> Error {
    Error::MasterKey {
        message: format!(
            "this node has no master key: copy the file master.key of the node that made the installation to {}, or set \
             PORTCULLIS_MASTER_KEY_FILE",
            path.display()
        ),
        source: None,
    }
}

fn no_installation() -> Error {
    Error::Usage(
        "this database holds no installation yet: run `portcullis serve` or `portcullis bootstrap`"
            .to_owned(),
    )
}

fn no_installation_at(path: &Path) -> Error {
    Error::Usage(format!(
        "there is no database at {}: run `portcullis serve` or `portcullis bootstrap` first, or name another with --database",
        path.display()
    ))
}
