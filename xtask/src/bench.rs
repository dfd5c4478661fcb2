//! `cargo xtask bench`: comparisons with other engines, which nothing else builds.

use std::ffi::OsString;

use crate::cargo::{self, PROGRAM_VARIABLE, cargo};
use crate::error::{Error, Result};
use crate::postgres::{self, URL_VARIABLE};
use crate::{paths, process};

/// Builds the server and the benchmark, and passes the arguments on to the benchmark.
pub(crate) fn command(arguments: &[OsString]) -> Result {
    let manifest = paths::root().join("bench/Cargo.toml");
    if !manifest.exists() {
        return Err(Error::Failed("there is no benchmark: bench/Cargo.toml is missing".to_owned()));
    }
    let cluster = postgres::start()?;
    let server = cargo::build_server()?;
    let mut command = cargo("run");
    command.args(["--release", "--manifest-path"]).arg(manifest).arg("--").args(arguments);
    command.env("CARGO_TARGET_DIR", paths::target().join("bench"));
    process::run(command.env(PROGRAM_VARIABLE, server).env(URL_VARIABLE, cluster.url()))
}
