//! `cargo xtask test`: everything, from a fresh clone.

mod options;
mod suite;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use options::{Options, Part};
use suite::{BROWSER, CLIENTS, SCHEMATHESIS, Suite};

use crate::cargo::{self, PROGRAM_VARIABLE, cargo};
use crate::debian::{self, Package};
use crate::effort::Effort;
use crate::error::Result;
use crate::postgres::{self, Cluster, URL_VARIABLE};
use crate::report::Report;
use crate::{paths, process};

/// The variable that tells a suite which database its servers use.
const DATABASE_VARIABLE: &str = "PORTCULLIS_TEST_DATABASE";

/// Runs what the options want; every step runs even if one before it failed, unless it needs that one.
pub(crate) fn command(arguments: &[OsString]) -> Result {
    let options = Options::parse(arguments)?;
    options.effort.announce();
    let mut report = Report::default();
    run(&options, &mut report);
    report.finish()
}

fn run(options: &Options, report: &mut Report) {
    let suites = suites(options);
    if report.step("system packages", || debian::ensure(&packages(&suites))).is_none() {
        return;
    }
    let Some(cluster) = report.step("start PostgreSQL", postgres::start) else { return };
    let bed = Bed { cluster, effort: options.effort };
    if options.wants(Part::Unit) {
        bed.workspace(report);
    }
    let smoke = smoke_program(options);
    if suites.is_empty() && smoke.is_none() {
        return;
    }
    let server = report.step("release build", cargo::build_server);
    for suite in &suites {
        bed.suite(report, suite, server.as_deref());
    }
    if let Some(program) = smoke {
        bed.smoke(report, &program, server.as_deref());
    }
}

/// The suites that the options want.
fn suites(options: &Options) -> Vec<&'static Suite> {
    let mut suites = Vec::new();
    if options.wants(Part::Interop) {
        suites.extend(&CLIENTS);
    }
    if options.wants(Part::Browser) {
        suites.push(&BROWSER);
    }
    if options.wants(Part::Schemathesis) {
        suites.push(&SCHEMATHESIS);
    }
    suites
}

/// The system packages of the suites, and of what stands under all.
fn packages(suites: &[&Suite]) -> Vec<&'static Package> {
    let of_suites = suites.iter().flat_map(|suite| suite.packages());
    std::iter::once(&debian::POSTGRESQL).chain(of_suites).collect()
}

/// The program of the smoke benchmark, if it is wanted: once it exists, or when it was asked for.
fn smoke_program(options: &Options) -> Option<PathBuf> {
    let program = paths::root().join("bench/smoke");
    let wanted = options.wants(Part::Smoke) && (options.names(Part::Smoke) || program.exists());
    wanted.then_some(program)
}

/// What all tests stand on.
struct Bed {
    cluster: Cluster,
    effort: Effort,
}

impl Bed {
    /// The tests of all crates, built in one step and run in the next.
    fn workspace(&self, report: &mut Report) {
        let build = || process::run(cargo("test").args(["--workspace", "--no-run"]));
        if report.step("build tests", build).is_none() {
            return report.not_run("tests");
        }
        let mut command = cargo("test");
        command.args(["--workspace", "--no-fail-fast"]);
        report.step("tests", || process::run(self.equip(&mut command)));
    }

    /// One suite on each of its databases; it is prepared only if there is a server to try.
    fn suite(&self, report: &mut Report, suite: &Suite, server: Option<&Path>) {
        let ready = server.filter(|_| {
            let name = format!("prepare {}", suite.name);
            report.step(&name, || suite.prepare()).is_some()
        });
        for database in suite.databases {
            let name = format!("{} on {database}", suite.name);
            let Some(server) = ready else {
                report.not_run(&name);
                continue;
            };
            let mut command = suite.command();
            self.equip(&mut command).env(PROGRAM_VARIABLE, server).env(DATABASE_VARIABLE, database);
            report.step(&name, || process::run(&mut command));
        }
    }

    /// The benchmark's own short run, on the release build that is already there.
    fn smoke(&self, report: &mut Report, program: &Path, server: Option<&Path>) {
        let Some(server) = server else { return report.not_run("smoke bench") };
        let mut command = Command::new(program);
        self.equip(&mut command).current_dir(paths::root()).env(PROGRAM_VARIABLE, server);
        report.step("smoke bench", || process::run(&mut command));
    }

    fn equip<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.envs(self.effort.variables()).env(URL_VARIABLE, self.cluster.url())
    }
}
