//! Servers as processes: started, watched through /proc, ended by their own id.

use std::io::{BufRead, BufReader, Read, Seek};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::Result;

/// The variable that says where the server's program is.
const PROGRAM: &str = "PORTCULLIS_BIN";
/// The variable that says where a PostgreSQL is.
pub const POSTGRES: &str = "PORTCULLIS_TEST_POSTGRES";
/// Clock ticks a second in /proc: the same on every Linux that Rust's std runs on.
const TICKS: f64 = 100.0;

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to the line that says that requests are answered.
    pub ready_after: Duration,
}

pub fn program() -> Result<PathBuf> {
    let path = std::env::var_os(PROGRAM).ok_or(format!("{PROGRAM} is not set: use cargo xtask bench"))?;
    Ok(PathBuf::from(path))
}

fn serve(data_dir: &Path, database: Option<&str>) -> Result<Command> {
    let mut command = Command::new(program()?);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data_dir);
    if let Some(database) = database {
        command.env("PORTCULLIS_DATABASE", database);
    }
    Ok(command)
}

impl Server {
    /// `portcullis serve`, on SQLite in `data_dir` or on the database given.
    pub fn start(data_dir: &Path, database: Option<&str>) -> Result<Self> {
        Self::spawn(serve(data_dir, database)?)
    }

    /// The same, without the limit on credential endpoints: everything here comes from one address.
    pub fn start_open(data_dir: &Path, database: Option<&str>) -> Result<Self> {
        let mut command = serve(data_dir, database)?;
        command.env("PORTCULLIS_CREDENTIAL_RATE_PER_MINUTE", "0");
        Self::spawn(command)
    }

    pub fn start_bare() -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("bare");
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Result<Self> {
        let mut log = tempfile::tempfile()?;
        let start = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(log.try_clone()?).spawn()?;
        let stdout = child.stdout.take().ok_or("no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        for line in lines.by_ref() {
            if let Some(address) = line?.strip_prefix("listening on http://") {
                let ready_after = start.elapsed();
                let address = address.trim().parse()?;
                // Whatever else it prints must not fill the pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { child, address, ready_after });
            }
        }
        let status = child.wait()?;
        let mut said = String::new();
        log.rewind()?;
        log.read_to_string(&mut said)?;
        Err(format!("the server ended ({status}) before it listened: {said}").into())
    }

    /// The seconds of processor time so far.
    pub fn cpu(&self) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold anything; what follows is counted from field 3.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |field: usize| fields.get(field - 3).and_then(|ticks| ticks.parse::<f64>().ok());
        let (user, system) = ticks(14).zip(ticks(15)).ok_or("no times in /proc/PID/stat")?;
        Ok((user + system) / TICKS)
    }

    /// The megabytes of memory in use.
    pub fn memory(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Ends it as an operator would, and waits.
    pub fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}
