//! Python's virtual environments, made once for each content of their requirements.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Doing, Result};
use crate::stamp::Stamp;
use crate::{paths, process};

/// A virtual environment below the target folder.
pub(crate) struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// The environment of this name, which may not exist yet.
    pub(crate) fn named(name: &str) -> Self {
        Self { folder: paths::target().join("interop").join(name) }
    }

    /// Makes the environment from a requirements file, unless it was already made from the same.
    pub(crate) fn prepare(&self, requirements: &str) -> Result {
        let file = paths::root().join(requirements);
        let content = std::fs::read_to_string(&file).doing(|| format!("read {requirements}"))?;
        let version = process::capture(Command::new("python3").arg("--version"))?;
        let stamp = Stamp::new(self.folder.join("made-from"), version + &content);
        if stamp.matches() {
            return Ok(());
        }
        process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&self.folder))?;
        process::run(self.python().args(["-m", "pip", "install", "--quiet", "-r"]).arg(&file))?;
        stamp.write()
    }

    /// `pytest` on a folder, from the root of the repository.
    pub(crate) fn pytest(&self, folder: &Path) -> Command {
        let mut command = self.python();
        command.args(["-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]).arg(folder);
        command
    }

    fn python(&self) -> Command {
        let mut command = Command::new(self.folder.join("bin/python"));
        command.current_dir(paths::root());
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        command.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
        command
    }
}
