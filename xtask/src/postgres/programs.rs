//! Where PostgreSQL's server programs are.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{paths, process};

/// Debian keeps a folder for each major version here.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The programs that make and run a cluster.
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Looks where `pg_config` points to, then at Debian's versions (newest first), then on the `PATH`.
    pub(crate) fn find() -> Option<Self> {
        from_pg_config().into_iter().chain(debian_versions()).chain(on_path()).find_map(|folder| {
            let complete = ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file());
            complete.then_some(Self { folder })
        })
    }

    /// The path of one program.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

fn from_pg_config() -> Option<PathBuf> {
    let program = paths::program("pg_config")?;
    let output = process::capture(Command::new(program).arg("--bindir")).ok()?;
    Some(PathBuf::from(output.trim()))
}

fn debian_versions() -> Vec<PathBuf> {
    let mut versions: Vec<u32> = std::fs::read_dir(DEBIAN)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect();
    versions.sort_unstable_by(|a, b| b.cmp(a));
    versions.into_iter().map(|version| Path::new(DEBIAN).join(version.to_string()).join("bin")).collect()
}

fn on_path() -> Option<PathBuf> {
    let real = paths::program("initdb")?.canonicalize().ok()?;
    Some(real.parent()?.to_owned())
}
