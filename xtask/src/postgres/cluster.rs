//! One throw-away cluster: made in a temporary folder, stopped and removed when it is dropped.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::Programs;
use crate::error::{Doing, Error, Result};
use crate::{debian, interrupt, process};

/// PostgreSQL refuses to run as root; then its programs run as this user.
const SERVER_USER: &str = "postgres";
/// Between asking for a free port and using it somebody else may take it.
const ATTEMPTS: usize = 5;
/// `fsync` stays on: tests kill servers and count what survived.
const SETTINGS: &str = "\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 32MB
";

/// A running cluster. Dropping it stops the server and removes its files.
pub(crate) struct Cluster {
    folder: TempDir,
    pg_ctl: PathBuf,
    port: u16,
}

impl Cluster {
    /// Makes a cluster and starts it on a free port; returns when it answers.
    pub(crate) fn start(programs: &Programs) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("portcullis-postgres-")
            .tempdir()
            .doing(|| "create a temporary folder".to_owned())?;
        let mut cluster = Self { folder, pg_ctl: programs.path("pg_ctl"), port: 0 };
        if debian::is_root() {
            process::quiet(Command::new("chown").arg(SERVER_USER).arg(cluster.folder.path()))?;
        }
        cluster.initialise(programs)?;
        interrupt::check()?;
        cluster.launch()?;
        interrupt::check()?;
        Ok(cluster)
    }

    /// The address of the cluster's first database, for its all-powerful user.
    pub(crate) fn url(&self) -> String {
        format!("postgres://{SERVER_USER}@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn initialise(&self, programs: &Programs) -> Result {
        let initdb = programs.path("initdb");
        let help = process::capture(Command::new(&initdb).arg("--help"))?;
        let mut command = self.as_server_user(&initdb);
        command.arg("--pgdata").arg(self.data());
        command.args(["--username", SERVER_USER, "--auth", "trust", "--encoding", "UTF8"]);
        if help.contains("--icu-locale") {
            command.args(["--locale", "C.UTF-8", "--locale-provider", "icu", "--icu-locale", "en-US"]);
        } else {
            eprintln!(
                "note: this PostgreSQL has no ICU clusters; the default order of text will be bytewise"
            );
            command.args(["--locale", "C"]);
        }
        process::quiet(&mut command)?;
        let file = self.data().join("postgresql.auto.conf");
        std::fs::write(&file, SETTINGS).doing(|| format!("write {}", file.display()))
    }

    fn launch(&mut self) -> Result {
        let mut tried = Vec::new();
        for _ in 0..ATTEMPTS {
            self.port = free_port()?;
            let log = self.log();
            let mut command = self.as_server_user(&self.pg_ctl);
            command.args(["start", "--silent", "--wait", "--timeout", "60", "--pgdata"]).arg(self.data());
            command.arg("--log").arg(&log).arg("--options").arg(format!("-p {}", self.port));
            match process::quiet(&mut command) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tried.push(format!("port {}: {error}", self.port));
                    self.stop();
                }
            }
        }
        let log = std::fs::read_to_string(self.log()).unwrap_or_default();
        Err(Error::Failed(format!("PostgreSQL does not start\n{}\n{log}", tried.join("\n"))))
    }

    /// Ends the server of this data folder, and no other.
    fn stop(&self) {
        if !self.data().join("postmaster.pid").exists() {
            return;
        }
        let mut command = self.as_server_user(&self.pg_ctl);
        command.args(["stop", "--silent", "--mode", "immediate", "--timeout", "30", "--pgdata"]);
        if let Err(error) = process::quiet(command.arg(self.data())) {
            eprintln!("warning: the test PostgreSQL in {} may still run: {error}", self.data().display());
        }
    }

    fn as_server_user(&self, program: &std::path::Path) -> Command {
        let mut command = if debian::is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", SERVER_USER, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.folder.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that nobody listens on, chosen by the operating system.
fn free_port() -> Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .doing(|| "find a free port".to_owned())
}
