//! The development commands of Portcullis: `cargo xtask VERB`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development command talks to the person who typed it"
)]

mod debian;
mod error;
mod interrupt;
mod paths;
mod postgres;
mod process;

use std::ffi::OsString;
use std::process::ExitCode;

use error::{Error, Result};

/// What `cargo xtask` alone prints.
const USAGE: &str = "\
usage: cargo xtask VERB

  postgres -- CMD…    run a command beside a fresh PostgreSQL (its address: PORTCULLIS_TEST_POSTGRES)";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match interrupt::install().and_then(|()| dispatch(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(arguments: &[OsString]) -> Result {
    let Some((verb, rest)) = arguments.split_first() else {
        return Err(Error::Usage(USAGE.to_owned()));
    };
    match verb.to_str() {
        Some("postgres") => postgres::command(rest),
        _ => Err(Error::Usage(format!("unknown verb {}\n{USAGE}", verb.display()))),
    }
}
