//! The development commands of Portcullis: `cargo xtask VERB`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development command talks to the person who typed it"
)]

mod arguments;
mod bench;
mod cargo;
mod check;
mod contract;
mod debian;
mod effort;
mod error;
mod generate;
mod interrupt;
mod node;
mod paths;
mod postgres;
mod process;
mod prove;
mod python;
mod report;
mod stamp;
mod test;

use std::ffi::OsString;
use std::process::ExitCode;

use error::{Error, Result};

/// What `cargo xtask` alone prints.
const USAGE: &str = "\
usage: cargo xtask VERB

  check [NAME…]       fmt, arrows, sizes, clippy, contracts
  test                everything, from a fresh clone
      --only PART     unit, interop, browser, schemathesis or smoke (may be repeated)
      --seed N --kills N --worlds N
  gen                 write the generated contracts
  bench [ARG…]        compare with other engines
  prove [NAME…]       worlds, kills: the long counts (flags as for test)
  postgres -- CMD…    run a command beside a fresh PostgreSQL (its address: PORTCULLIS_TEST_POSTGRES)";

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    match interrupt::install().and_then(|()| dispatch(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !matches!(error, Error::Reported(_)) {
                eprintln!("error: {error}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(arguments: &[OsString]) -> Result {
    let Some((verb, rest)) = arguments.split_first() else {
        return Err(Error::Usage(USAGE.to_owned()));
    };
    match verb.to_str() {
        Some("help" | "--help" | "-h") => {
            println!("{USAGE}");
            Ok(())
        }
        Some("check") => check::command(rest),
        Some("test") => test::command(rest),
        Some("gen") => generate::command(rest),
        Some("bench") => bench::command(rest),
        Some("prove") => prove::command(rest),
        Some("postgres") => postgres::command(rest),
        _ => Err(Error::Usage(format!("unknown verb {}\n{USAGE}", verb.display()))),
    }
}
