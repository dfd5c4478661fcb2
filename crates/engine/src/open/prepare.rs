use std::io;

use portcullis_jose::MasterKey;
use portcullis_store::{MigrationReport, Store};
use portcullis_types::{Clock, Rng};

use super::error::OpenError;
use super::key_file::KeySource;
use crate::{Account, Bootstrapped, Error, bootstrap};

/// A database with an installation in it, and its key.
pub struct Prepared {
    /// What its signing keys are sealed under.
    pub master_key: MasterKey,
    /// Who it is.
    pub account: Account,
    /// Whether this call made it.
    pub created: bool,
    /// What was done to the schema.
    pub migration: MigrationReport,
}

/// Brings the schema up to date, finds the master key, and makes the installation if there is none; with it, unless there is one, a
/// master key, which is kept before anything sealed under it is committed.
///
/// `keep` is called with a new installation before it is committed: its owner's access key cannot be read again.
///
/// # Errors
/// [`OpenError`]; [`OpenError::KeyMissing`] when there is an installation and no key.
pub async fn prepare(
    store: &dyn Store,
    source: &KeySource,
    clock: &dyn Clock,
    rng: &dyn Rng,
    keep: impl FnOnce(&Bootstrapped) -> io::Result<()> + Send,
) -> Result<Prepared, OpenError> {
    let migration = store.migrate().await?;
    let found = source.find()?;
    let master_key = match &found {
        Some(key) => key.clone(),
        None => MasterKey::generate(rng).map_err(Error::internal)?,
    };
    let keep_both = |made: &Bootstrapped| {
        match source {
            KeySource::File(file) if found.is_none() => file.keep(&master_key)?,
            _ => {}
        }
        keep(made)
    };
    let made = bootstrap(store, &master_key, clock, rng, keep_both).await?;
    let created = made.access_key.is_some();
    let master_key = match (found, source) {
        (Some(key), _) => key,
        (None, _) if created => master_key,
        // Another process may have made both meanwhile.
        (None, KeySource::File(file)) => {
            file.read()?.ok_or_else(|| OpenError::KeyMissing { path: file.path().to_path_buf() })?
        }
        (None, KeySource::Given(key)) => key.clone(),
    };
    Ok(Prepared { master_key, account: made.account, created, migration })
}
