//! Calling cargo again.

use std::path::PathBuf;
use std::process::Command;

use crate::error::Result;
use crate::{paths, process};

/// The variable that tells suites where the server's program is.
pub(crate) const PROGRAM_VARIABLE: &str = "PORTCULLIS_BIN";

/// The cargo that runs us, in the root of the repository.
pub(crate) fn cargo(verb: &str) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(paths::root()).arg(verb);
    command
}

/// Builds the server as it is shipped and returns the path of its program.
pub(crate) fn build_server() -> Result<PathBuf> {
    process::run(cargo("build").args(["--release", "--package", "portcullis-server"]))?;
    Ok(paths::target().join("release/portcullis"))
}
