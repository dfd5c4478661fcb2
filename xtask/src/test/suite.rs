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
}

/// What a suite runs in.
enum Runtime {
    /// A virtual environment made from this requirements file.
    Python(&'static str),
    /// The same, with a browser.
    Browser(&'static str),
    /// Node's own test runner.
    Node,
    /// A cargo workspace of its own.
    Rust,
}

/// The suites of real clients.
pub(super) static CLIENTS: [Suite; 4] = [
    Suite { name: "py30", folder: "interop/python", runtime: Runtime::Python("requirements-py30.txt") },
    Suite { name: "py31", folder: "interop/python", runtime: Runtime::Python("requirements-py31.txt") },
    Suite { name: "node", folder: "interop/node", runtime: Runtime::Node },
    Suite { name: "rust", folder: "interop/rust", runtime: Runtime::Rust },
];

/// The hosted pages in a browser.
pub(super) static BROWSER: Suite =
    Suite { name: "browser", folder: "interop/browser", runtime: Runtime::Browser("requirements.txt") };

/// Requests made up from the API's own description.
pub(super) static SCHEMATHESIS: Suite = Suite {
    name: "schemathesis",
    folder: "interop/schemathesis",
    runtime: Runtime::Python("requirements.txt"),
};

impl Suite {
    /// The system packages that the suite needs.
    pub(super) fn packages(&self) -> Vec<&'static Package> {
        match self.runtime {
            Runtime::Python(_) => vec![&debian::PYTHON, &debian::PYTHON_VENV],
            Runtime::Browser(_) => {
                vec![&debian::PYTHON, &debian::PYTHON_VENV, &debian::CHROMIUM, &debian::CHROMIUM_DRIVER]
            }
            Runtime::Node => vec![&debian::NODE, &debian::NPM],
            Runtime::Rust => Vec::new(),
        }
    }

    /// Fetches and builds what the suite needs, so that its runs only test.
    pub(super) fn prepare(&self) -> Result {
        let folder = self.path();
        if !folder.is_dir() {
            return Err(Error::Failed(format!("the folder {} is missing", self.folder)));
        }
        match self.runtime {
            Runtime::Python(file) | Runtime::Browser(file) => {
                Venv::named(self.name).prepare(&format!("{}/{file}", self.folder))
            }
            Runtime::Node => node::install(&folder),
            Runtime::Rust => process::run(self.cargo_test().arg("--no-run")),
        }
    }

    /// The command that runs the suite.
    pub(super) fn command(&self) -> Command {
        match self.runtime {
            Runtime::Python(_) | Runtime::Browser(_) => Venv::named(self.name).pytest(&self.path()),
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
