//! The lints of the workspace, all of them errors here.

use crate::cargo::cargo;
use crate::error::Result;
use crate::process;

/// Fails on any warning, in tests and examples too.
pub(super) fn check() -> Result {
    process::run(cargo("clippy").args(["--workspace", "--all-targets", "--", "-D", "warnings"]))
}
