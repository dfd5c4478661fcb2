//! Node's packages, installed once for each content of their list.

use std::path::Path;
use std::process::Command;

use crate::error::{Doing, Result};
use crate::process;
use crate::stamp::Stamp;

/// Installs the packages of a folder, unless the same were already installed.
pub(crate) fn install(folder: &Path) -> Result {
    let manifest = folder.join("package.json");
    let lock = folder.join("package-lock.json");
    let manifest = std::fs::read_to_string(&manifest).doing(|| format!("read {}", manifest.display()))?;
    let locked = std::fs::read_to_string(&lock).ok();
    let version = process::capture(Command::new("node").arg("--version"))?;
    let content = format!("{version}{manifest}{}", locked.as_deref().unwrap_or_default());
    let stamp = Stamp::new(folder.join("node_modules/.made-from"), content);
    if stamp.matches() {
        return Ok(());
    }
    let verb = if locked.is_some() { "ci" } else { "install" };
    process::run(Command::new("npm").current_dir(folder).args([verb, "--no-audit", "--no-fund"]))?;
    stamp.write()
}

/// Node's own test runner on a folder; it finds the tests itself.
pub(crate) fn test(folder: &Path) -> Command {
    let mut command = Command::new("node");
    command.current_dir(folder).args(["--test", "--test-reporter", "spec"]);
    command
}
