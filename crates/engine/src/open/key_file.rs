use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use portcullis_jose::MasterKey;

use super::error::OpenError;
use super::private_file::{sync_folder, write_private};

/// Where the master key of an installation comes from.
#[derive(Clone)]
pub enum KeySource {
    /// It was given.
    Given(MasterKey),
    /// It is in a file, or will be, once there is an installation.
    File(KeyFile),
}

impl KeySource {
    /// The key, if there is one.
    ///
    /// # Errors
    /// [`OpenError::KeyFile`] and [`OpenError::NoKey`], as [`KeyFile::read`].
    pub fn find(&self) -> Result<Option<MasterKey>, OpenError> {
        match self {
            Self::Given(key) => Ok(Some(key.clone())),
            Self::File(file) => file.read(),
        }
    }
}

/// A file that holds a master key, readable by its owner only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile(PathBuf);

impl KeyFile {
    /// The file at a path, which may not exist.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The key, if the file exists.
    ///
    /// # Errors
    /// [`OpenError::KeyFile`] when it cannot be read, [`OpenError::NoKey`] when it holds something else.
    pub fn read(&self) -> Result<Option<MasterKey>, OpenError> {
        let text = match fs::read_to_string(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(OpenError::KeyFile { path: self.0.clone(), source }),
            Ok(text) => portcullis_types::Sensitive::new(text),
        };
        MasterKey::from_text(text.expose())
            .map(Some)
            .map_err(|source| OpenError::NoKey { path: self.0.clone(), source })
    }

    /// Keeps a new key, durably, before anything is sealed under it. Never replaces one.
    ///
    /// # Errors
    /// Any error of the file system; `AlreadyExists` when there is a key by now.
    pub fn keep(&self, key: &MasterKey) -> io::Result<()> {
        let mut text = key.to_text().expose().to_vec();
        text.push(b'\n');
        // A name of its own, so that two processes that start at once do not write into one file.
        let mut scratch = self.0.clone().into_os_string();
        scratch.push(format!(".{}.new", std::process::id()));
        let scratch = PathBuf::from(scratch);
        let linked = write_private(&scratch, &text).and_then(|()| fs::hard_link(&scratch, &self.0));
        fs::remove_file(&scratch)?;
        linked?;
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new(".")))
    }
}
