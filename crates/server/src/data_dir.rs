//! The data folder: the master key, the bootstrap file, and the default database.
//!
//! The owner's access key cannot be read again once the installation is made, so it must not be lost to a crash: it is
//! written and synced as `bootstrap.json.new` before the database commits, and gets its name after. What a crash leaves in
//! between is told by the account id in it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use portcullis::jose::MasterKey;
use portcullis::open::{KeyFile, create_private_folder, sync_folder, write_private};
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

const MASTER_KEY: &str = "master.key";
const BOOTSTRAP: &str = "bootstrap.json";
const BOOTSTRAP_NEW: &str = "bootstrap.json.new";

/// What `bootstrap.json` says: who this installation is, and how its owner signs in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bootstrap {
    /// The installation.
    pub account_id: String,
    /// The service client that owns everything.
    pub client_id: String,
    /// Its access key: only on the node that made the installation, and until somebody moves it elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_key: Option<String>,
}

impl std::fmt::Debug for Bootstrap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bootstrap")
            .field("account_id", &self.account_id)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// A data folder.
#[derive(Clone, Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// The folder at a path, which may not exist.
    pub fn at(path: &Path) -> Self {
        Self(path.to_path_buf())
    }

    /// Makes the folder for its owner only; one that exists is taken as it is.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn create(&self) -> Result {
        create_private_folder(&self.0).map_err(|error| Error::file("create the data folder", &self.0, error))
    }

    /// Where the master key is kept.
    pub fn master_key_path(&self) -> PathBuf {
        self.0.join(MASTER_KEY)
    }

    /// Where the bootstrap file is.
    pub fn bootstrap_path(&self) -> PathBuf {
        self.0.join(BOOTSTRAP)
    }

    /// The master key, if there is one here.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be read, [`Error::MasterKey`] when it is none.
    pub fn master_key(&self) -> Result<Option<MasterKey>> {
        Ok(self.key_file().read()?)
    }

    /// Where the master key is kept, as what may hold it.
    pub fn key_file(&self) -> KeyFile {
        KeyFile::at(self.master_key_path())
    }

    /// Keeps the bootstrap file of an installation that is about to be committed.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn keep_bootstrap(&self, bootstrap: &Bootstrap) -> io::Result<()> {
        write_private(&self.0.join(BOOTSTRAP_NEW), &to_json(bootstrap)?)?;
        sync_folder(&self.0)
    }

    /// Gives the bootstrap file of the database's installation its name, and answers what it says.
    ///
    /// A file that [`DataDir::keep_bootstrap`] left behind counts when it is of this installation, also after a crash. One of
    /// another installation is put aside, not overwritten: its key may be the only one. A node that made nothing writes the
    /// two ids.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn settle_bootstrap(&self, account_id: &str, client_id: &str) -> Result<Bootstrap> {
        let path = self.bootstrap_path();
        let fresh = self.0.join(BOOTSTRAP_NEW);
        let is_ours = |bootstrap: &Bootstrap| bootstrap.account_id == account_id;
        let made = read_bootstrap(&fresh)?.filter(is_ours);
        let known = read_bootstrap(&path)?;
        if made.is_none()
            && let Some(known) = known.clone().filter(is_ours)
        {
            return Ok(known);
        }
        let settled: io::Result<Bootstrap> = (|| {
            if let Some(other) = known.filter(|known| !is_ours(known)) {
                fs::rename(&path, self.0.join(format!("bootstrap-{}.json", file_name(&other.account_id))))?;
            }
            let bootstrap = match made {
                Some(made) => made,
                None => {
                    let (account_id, client_id) = (account_id.to_owned(), client_id.to_owned());
                    let ids = Bootstrap { account_id, client_id, access_key: None };
                    write_private(&fresh, &to_json(&ids)?)?;
                    ids
                }
            };
            match fs::rename(&fresh, &path) {
                // Another process on this folder was faster; it gave the same file its name.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                renamed => renamed?,
            }
            sync_folder(&self.0)?;
            Ok(bootstrap)
        })();
        settled.map_err(|error| Error::file("write", &path, error))
    }
}

/// An account id as a part of a file name, whatever somebody wrote into the file.
fn file_name(account_id: &str) -> String {
    account_id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(64).collect()
}

fn to_json(bootstrap: &Bootstrap) -> io::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(bootstrap)?;
    text.push(b'\n');
    Ok(text)
}

fn read_bootstrap(path: &Path) -> Result<Option<Bootstrap>> {
    match fs::read(path) {
        Ok(text) => Ok(serde_json::from_slice(&text).ok()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file("read", path, error)),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn bootstrap(account_id: &str) -> Bootstrap {
        Bootstrap {
            account_id: account_id.to_owned(),
            client_id: "sc_1".to_owned(),
            access_key: Some("canary".to_owned()),
        }
    }

    fn folder() -> (tempfile::TempDir, DataDir) {
        let outer = tempfile::tempdir().unwrap();
        let folder = DataDir::at(&outer.path().join("a/b"));
        folder.create().unwrap();
        (outer, folder)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_is_kept_is_for_its_owner_only() {
        let (_outer, folder) = folder();
        let key = MasterKey::from_bytes([7; 32]);
        folder.key_file().keep(&key).unwrap();
        folder.keep_bootstrap(&bootstrap("acc-1")).unwrap();
        folder.settle_bootstrap("acc-1", "sc_1").unwrap();
        assert_eq!(mode(&folder.0), 0o700);
        assert_eq!(mode(&folder.master_key_path()), 0o600);
        assert_eq!(mode(&folder.bootstrap_path()), 0o600);
        assert!(folder.master_key().unwrap().is_some());
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2, "no scratch file stays");
    }

    #[test]
    fn a_master_key_is_never_replaced() {
        let (_outer, folder) = folder();
        folder.key_file().keep(&MasterKey::from_bytes([7; 32])).unwrap();
        let error = folder.key_file().keep(&MasterKey::from_bytes([8; 32])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    }

    #[test]
    fn a_file_that_is_no_key_is_refused_by_name() {
        let (_outer, folder) = folder();
        assert!(folder.master_key().unwrap().is_none());
        fs::write(folder.master_key_path(), "short").unwrap();
        let error = folder.master_key().err().unwrap().line();
        assert!(error.contains("master.key holds no master key"), "{error}");
    }

    #[test]
    fn a_crash_after_the_commit_loses_no_access_key() {
        let (_outer, folder) = folder();
        folder.keep_bootstrap(&bootstrap("acc-1")).unwrap();
        assert_eq!(folder.settle_bootstrap("acc-1", "sc_1").unwrap(), bootstrap("acc-1"));
        assert_eq!(folder.settle_bootstrap("acc-1", "sc_1").unwrap(), bootstrap("acc-1"));
    }

    #[test]
    fn a_crash_before_the_commit_leaves_a_file_that_does_not_count() {
        let (_outer, folder) = folder();
        folder.keep_bootstrap(&bootstrap("acc-lost")).unwrap();
        let settled = folder.settle_bootstrap("acc-1", "sc_1").unwrap();
        assert_eq!((settled.account_id.as_str(), settled.access_key), ("acc-1", None));
    }

    #[test]
    fn the_key_of_another_installation_is_put_aside() {
        let (_outer, folder) = folder();
        folder.keep_bootstrap(&bootstrap("acc-1")).unwrap();
        folder.settle_bootstrap("acc-1", "sc_1").unwrap();
        assert_eq!(folder.settle_bootstrap("acc-2", "sc_2").unwrap().access_key, None);
        let aside = read_bootstrap(&folder.0.join("bootstrap-acc-1.json")).unwrap();
        assert_eq!(aside, Some(bootstrap("acc-1")));
    }

    #[test]
    fn the_debug_form_holds_no_key() {
        assert!(!format!("{:?}", bootstrap("acc-1")).contains("canary"));
    }
}
