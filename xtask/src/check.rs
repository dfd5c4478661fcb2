//! `cargo xtask check`: what can be seen without running the product.

mod arrows;
mod clippy;
mod contracts;
mod fmt;
mod sizes;

use std::ffi::OsString;

use crate::arguments::Arguments;
use crate::error::{Error, Result};
use crate::report::Report;

/// A check and its name on the command line.
type Check = (&'static str, fn() -> Result);

/// All checks, the quick ones first.
const CHECKS: [Check; 5] = [
    ("fmt", fmt::check),
    ("arrows", arrows::check),
    ("sizes", sizes::check),
    ("clippy", clippy::check),
    ("contracts", contracts::check),
];

/// Runs the named checks, or all; each runs even if one before it failed.
pub(crate) fn command(arguments: &[OsString]) -> Result {
    let wanted = Arguments::parse(arguments, &[])?.words;
    let names = CHECKS.map(|(name, _)| name);
    if let Some(word) = wanted.iter().find(|word| !names.contains(&word.as_str())) {
        return Err(Error::Usage(format!("unknown check {word}; known are: {}", names.join(" "))));
    }
    let mut report = Report::default();
    for (name, check) in CHECKS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            report.step(name, check);
        }
    }
    report.finish()
}

/// Turns a list of findings into the outcome of a check.
fn outcome(findings: &[String], hint: &str) -> Result {
    if findings.is_empty() {
        return Ok(());
    }
    Err(Error::Failed(format!("{}\n{hint}", findings.join("\n"))))
}
