//! The code is formatted.

use crate::cargo::cargo;
use crate::error::Result;
use crate::process;

/// Fails where `cargo fmt` would change something.
pub(super) fn check() -> Result {
    process::run(cargo("fmt").args(["--all", "--check"]))
}
