//! Remembering what something was made from, so that it is made again only when that changes.

use std::path::PathBuf;

use crate::error::{Doing, Result};

/// A file that holds what its neighbours were made from.
pub(crate) struct Stamp {
    file: PathBuf,
    content: String,
}

impl Stamp {
    /// What `file` says once everything is made from `content`.
    pub(crate) fn new(file: PathBuf, content: String) -> Self {
        Self { file, content }
    }

    /// Whether all was made from the same content.
    pub(crate) fn matches(&self) -> bool {
        std::fs::read_to_string(&self.file).is_ok_and(|text| text == self.content)
    }

    /// Says that all is made.
    pub(crate) fn write(&self) -> Result {
        std::fs::write(&self.file, &self.content).doing(|| format!("write {}", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_only_the_same_content() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = |content: &str| Stamp::new(folder.path().join("stamp"), content.to_owned());
        assert!(!stamp("a").matches());
        stamp("a").write().unwrap();
        assert!(stamp("a").matches());
        assert!(!stamp("b").matches());
    }
}
