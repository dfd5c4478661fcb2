//! The contracts that are generated from the code and kept in the repository, where a review sees them change.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::cargo;
use crate::error::{Doing, Result};
use crate::{paths, process};

/// One generated file.
pub(crate) struct Contract {
    /// The server's command that prints it.
    command: &'static str,
    /// Where it is kept, from the root of the repository.
    pub(crate) file: &'static str,
}

/// All of them.
pub(crate) const CONTRACTS: [Contract; 2] = [
    Contract { command: "openapi", file: "docs/openapi.json" },
    Contract { command: "config-schema", file: "docs/config-schema.json" },
];

/// Builds the server's program for development. `selection` tells cargo what to build; it has to include the program.
pub(crate) fn build_program(selection: &[&str]) -> Result<PathBuf> {
    process::run(cargo("build").args(selection))?;
    Ok(paths::target().join("debug/portcullis"))
}

impl Contract {
    /// Generates the text afresh, with the server's program.
    pub(crate) fn generate(&self, program: &Path) -> Result<String> {
        process::capture(Command::new(program).current_dir(paths::root()).arg(self.command))
    }

    /// The text that is kept; nothing, if there is none yet.
    pub(crate) fn committed(&self) -> Result<Option<String>> {
        match std::fs::read_to_string(self.path()) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).doing(|| format!("read {}", self.file)),
        }
    }

    /// Keeps a text.
    pub(crate) fn write(&self, text: &str) -> Result {
        let path = self.path();
        path.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, text))
            .doing(|| format!("write {}", self.file))
    }

    fn path(&self) -> PathBuf {
        paths::root().join(self.file)
    }
}
