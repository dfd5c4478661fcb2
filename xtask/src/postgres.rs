//! A PostgreSQL of our own, from `initdb` to its removal.

mod cluster;
mod programs;

use std::ffi::OsString;
use std::process::Command;

pub(crate) use cluster::Cluster;
pub(crate) use programs::Programs;

use crate::error::{Error, Result};
use crate::{debian, process};

/// The variable that tells tests where the server is.
pub(crate) const URL_VARIABLE: &str = "PORTCULLIS_TEST_POSTGRES";

/// Installs PostgreSQL where it is missing and may be installed, and starts a cluster.
pub(crate) fn start() -> Result<Cluster> {
    debian::ensure(&[&debian::POSTGRESQL])?;
    let programs = Programs::find()
        .ok_or_else(|| Error::Failed("no PostgreSQL server programs were found".to_owned()))?;
    Cluster::start(&programs)
}

/// `cargo xtask postgres -- CMD…`: runs a command beside a fresh cluster.
pub(crate) fn command(arguments: &[OsString]) -> Result {
    let arguments = match arguments {
        [first, rest @ ..] if first == "--" => rest,
        all => all,
    };
    let Some((program, rest)) = arguments.split_first() else {
        return Err(Error::Usage("usage: cargo xtask postgres -- CMD…".to_owned()));
    };
    let cluster = start()?;
    eprintln!("{URL_VARIABLE}={}", cluster.url());
    process::foreground(Command::new(program).args(rest).env(URL_VARIABLE, cluster.url()))
}
