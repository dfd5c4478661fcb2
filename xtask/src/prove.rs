//! `cargo xtask prove`: the randomised tests with counts that take hours, optimised.

use std::ffi::OsString;

use crate::arguments::Arguments;
use crate::cargo::cargo;
use crate::effort::{self, Effort};
use crate::error::{Error, Result};
use crate::postgres::{self, Cluster, URL_VARIABLE};
use crate::process;
use crate::report::Report;

/// A proof and the tests that make it: `cargo test --release` and these arguments.
type Proof = (&'static str, &'static [&'static str]);

const PROOFS: [Proof; 2] = [
    // Made-up worlds, in which the engine and a naive reading of the rules must agree.
    ("worlds", &["--package", "portcullis-authz"]),
    // Servers killed in the middle of writes, which must keep everything that they confirmed.
    ("kills", &["--package", "portcullis-server", "--test", "kill"]),
];

/// Makes the named proofs, or all.
pub(crate) fn command(arguments: &[OsString]) -> Result {
    let arguments = Arguments::parse(arguments, &effort::FLAGS)?;
    let mut effort = Effort::long();
    for (flag, value) in &arguments.flags {
        effort.take(flag, value)?;
    }
    let names = PROOFS.map(|(name, _)| name);
    if let Some(word) = arguments.words.iter().find(|word| !names.contains(&word.as_str())) {
        return Err(Error::Usage(format!("unknown proof {word}; known are: {}", names.join(" "))));
    }
    effort.announce();
    let mut report = Report::default();
    if let Some(cluster) = report.step("start PostgreSQL", postgres::start) {
        for (name, tests) in PROOFS {
            if arguments.words.is_empty() || arguments.words.iter().any(|word| word == name) {
                report.step(name, || prove(tests, effort, &cluster));
            }
        }
    }
    report.finish()
}

fn prove(tests: &[&str], effort: Effort, cluster: &Cluster) -> Result {
    let mut command = cargo("test");
    command.arg("--release").args(tests);
    process::run(command.envs(effort.variables()).env(URL_VARIABLE, cluster.url()))
}
