use std::io;
use std::path::PathBuf;

use portcullis_jose::SealError;
use portcullis_store::StoreError;
use thiserror::Error;

/// Why an installation cannot be opened. No text holds a key or the database's URL.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The database cannot be used.
    #[error("the database cannot be used")]
    Database(#[from] StoreError),
    /// The file of the master key, or its folder, cannot be read or made.
    #[error("the master key's file {} cannot be used", path.display())]
    KeyFile {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} holds no master key", path.display())]
    NoKey {
        /// Which.
        path: PathBuf,
        /// Why.
        source: SealError,
    },
    /// There is an installation in the database, and no key for it here.
    #[error("the installation's master key is missing: copy it to {}, or give it", path.display())]
    KeyMissing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Several machines may share this database, so no file of this one can be its key's place unless you say so.
    #[error("give the master key of a PostgreSQL database: by master_key, master_key_file or data_dir")]
    KeyNotGiven,
    /// The key does not open this installation's signing keys, or something failed that is our fault.
    #[error("the installation cannot be started")]
    Start(#[from] crate::Error),
}
