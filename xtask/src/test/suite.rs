//! The suites of `interop/`: programs that nobody here wrote, run against the built server.

use std::path::PathBuf;
use std::process::Command;

use crate::cargo::cargo;
use crate::debian::{self, Package};
use crate::error::{Error, Result};
use crate::python::Venv;
use crate::{node, paths, process};

/// One suite. Each starts its own servers from the program that it is given.
pub(super) struct Suite {
    pub(super) name: &'static str,
    folder: &'static str,
    runtime: Runtime,
    /// The programs that it runs, besides those of its runtime.
    programs: &'static [&'static Package],
    /// What its servers store into, in turns.
    pub(super) databases: &'static [&'static str],
}

const BOTH: &[&str] = &["sqlite", "postgres"];
const SQLITE: &[&str] = &["sqlite"];

/// What a suite runs in.
enum Runtime {
    /// A virtual environment made from this requirements file.
    Python(&'static str),
    /// Node's own test runner.
    Node,
    /// A cargo workspace of its own.
    Rust,
}

/// The suites of real clients.
pub(super) static CLIENTS: [Suite; 5] = [
    Suite::python("py30", "interop/python", "requirements-py30.txt", &[]),
    Suite::python("py31", "interop/python", "requirements-py31.txt", &[]),
    Suite { name: "node", folder: "interop/node", runtime: Runtime::Node, programs: &[], databases: BOTH },
    Suite { name: "rust", folder: "interop/rust", runtime: Runtime::Rust, programs: &[], databases: BOTH },
    Suite::python("oauth", "interop/oauth", "requirements.txt", &RELYING_PARTIES),
];

/// What signs people in through us, and the browser that they sit in front of.
static RELYING_PARTIES: [&Package; 4] =
    [&debian::CHROMIUM, &debian::CHROMIUM_DRIVER, &debian::MOD_AUTH_OPENIDC, &debian::OIDC_AGENT];

/// The hosted pages in a browser.
pub(super) static BROWSER: Suite = Suite::python(
    "browser",
    "interop/browser",
    "requirements.txt",
    &[&debian::CHROMIUM, &debian::CHROMIUM_DRIVER],
)
.on_sqlite();

/// Requests made up from the API's own description.
pub(super) static SCHEMATHESIS: Suite =
    Suite::python("schemathesis", "interop/schemathesis", "requirements.txt", &[]);

impl Suite {
    const fn python(
        name: &'static str,
        folder: &'static str,
        requirements: &'static str,
        programs: &'static [&'static Package],
    ) -> Self {
        Self { name, folder, runtime: Runtime::Python(requirements), programs, databases: BOTH }
    }

    /// For what looks alike on every database.
    const fn on_sqlite(self) -> Self {
        Self { databases: SQLITE, ..self }
    }

    /// The system packages that the suite needs.
    pub(super) fn packages(&self) -> Vec<&'static Package> {
        let runtime: &[&Package] = match self.runtime {
            Runtime::Python(_) => &[&debian::PYTHON, &debian::PYTHON_VENV],
            Runtime::Node => &[&debian::NODE, &debian::NPM],
            Runtime::Rust => &[],
        };
        [runtime, self.programs].concat()
    }

    /// Fetches and builds what the suite needs, so that its runs only test.
    pub(super) fn prepare(&self) -> Result {
        let folder = self.path();
        if !folder.is_dir() {
            return Err(Error::Failed(format!("the folder {} is missing", self.folder)));
        }
        match self.runtime {
            Runtime::Python(file) => Venv::named(self.name).prepare(&format!("{}/{file}", self.folder)),
            Runtime::Node => node::install(&folder),
            Runtime::Rust => process::run(self.cargo_test().arg("--no-run")),
        }
    }

    /// The command that runs the suite.
    pub(super) fn command(&self) -> Command {
        match self.runtime {
            Runtime::Python(_) => Venv::named(self.name).pytest(&self.path()),
            Runtime::Node => node::test(&self.path()),
            Runtime::Rust => self.cargo_test(),
        }
    }

    fn cargo_test(&self) -> Command {
        let mut command = cargo("test");
        command.arg("--manifest-path").arg(self.path().join("Cargo.toml"));
        command.env("CARGO_TARGET_DIR", paths::target().join("interop/rust"));
        command
    }

    fn path(&self) -> PathBuf {
        paths::root().join(self.folder)
    }
}
