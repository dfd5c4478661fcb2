//! The built program, run on a data folder and a database of the test's own.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portcullis_testkit::FreshPostgres;
use serde_json::Value;
use tempfile::TempDir;

/// How long a server may take to answer, on a machine that compiles something beside it.
const START: Duration = Duration::from_secs(60);
/// How long anything may take that is quick.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A data folder and a database.
pub(crate) struct Bed {
    pub(crate) folder: TempDir,
    pub(crate) postgres: Option<FreshPostgres>,
}

/// What a command left behind.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Done {
    /// What it printed, after it succeeded.
    pub(crate) fn text(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }

    /// The same, as JSON.
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.text()).unwrap()
    }

    /// The one line on stderr of a failure with this exit code.
    pub(crate) fn refusal(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        assert_eq!(self.stderr.lines().count(), 1, "one clear line: {self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        self.stderr
    }
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

impl Bed {
    pub(crate) fn sqlite() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), postgres: None }
    }

    pub(crate) fn postgres() -> Self {
        let postgres = block_on(FreshPostgres::create()).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), postgres: Some(postgres) }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What `bootstrap.json` says.
    pub(crate) fn bootstrap(&self) -> Value {
        read_json(&self.data_dir().join("bootstrap.json"))
    }

    pub(crate) fn access_key(&self) -> String {
        self.bootstrap()["access_key"].as_str().unwrap().to_owned()
    }

    /// `--data-dir … [--database …]`
    pub(crate) fn storage(&self) -> Vec<String> {
        self.storage_in(&self.data_dir())
    }

    /// The same database with another data folder: another node.
    pub(crate) fn storage_in(&self, data_dir: &Path) -> Vec<String> {
        let mut arguments = vec!["--data-dir".to_owned(), data_dir.to_str().unwrap().to_owned()];
        if let Some(postgres) = &self.postgres {
            arguments.extend(["--database".to_owned(), postgres.url().to_owned()]);
        }
        arguments
    }

    /// Runs a command on the database, to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        run(program().args(arguments).args(self.storage()))
    }

    /// Starts a server on a free port.
    pub(crate) fn serve(&self) -> Serving {
        Serving::start(self.serve_command(), &self.folder.path().join("server.log")).unwrap()
    }

    pub(crate) fn serve_command(&self) -> Command {
        let mut command = program();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(self.storage());
        command
    }
}

pub(crate) fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The built program, without whatever configures the tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PORTCULLIS_") {
            command.env_remove(name);
        }
    }
    command
}

pub(crate) fn run(command: &mut Command) -> Done {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Done {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A running server. Killed when dropped.
pub(crate) struct Serving {
    child: Child,
    lines: Receiver<String>,
    pub(crate) url: String,
    pub(crate) printed: Vec<String>,
    pub(crate) log: PathBuf,
}

impl Serving {
    /// Starts it, and waits until it says where it listens. If it ends before that, gives how.
    pub(crate) fn start(command: Command, log: &Path) -> Result<Self, ExitStatus> {
        let mut serving = Self::spawn(command, log);
        let deadline = Instant::now() + START;
        loop {
            match serving.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(url) = line.strip_prefix("listening on ") {
                        serving.url = url.to_owned();
                        return Ok(serving);
                    }
                    serving.printed.push(line);
                }
                Err(RecvTimeoutError::Disconnected) => return Err(serving.child.wait().unwrap()),
                Err(RecvTimeoutError::Timeout) => panic!("no server within {START:?}:\n{}", serving.log()),
            }
        }
    }

    /// Starts it and waits for nothing.
    pub(crate) fn spawn(mut command: Command, log: &Path) -> Self {
        let stderr = File::options().create(true).append(true).open(log).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let _gone = sender.send(line);
            }
        });
        Self { child, lines, url: String::new(), printed: Vec::new(), log: log.to_path_buf() }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        wait_for("the server's end", || self.child.try_wait().unwrap())
    }

    /// Stops it and expects exit code 0.
    pub(crate) fn stop(mut self) {
        self.terminate();
        let status = self.wait();
        assert_eq!(status.code(), Some(0), "{}", self.log());
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Looks until there is something, with a deadline.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Plain HTTP with one bearer.
pub(crate) struct Http {
    url: String,
    bearer: String,
    client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

impl Http {
    pub(crate) fn new(url: &str, bearer: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { url: url.to_owned(), bearer: bearer.to_owned(), client: reqwest::Client::new(), runtime }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        self.send(self.client.get(format!("{}{path}", self.url)))
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.send(self.client.post(format!("{}{path}", self.url)).json(body))
    }

    /// The answer to a check.
    pub(crate) fn check(&self, user: &str, permission: &str, resource: &str) -> bool {
        let resource = resource.replace('/', "%2F");
        match self.get(&format!("/v1/users/{user}/resources/{resource}/permissions/{permission}")) {
            (200, _) => true,
            (404, _) => false,
            other => panic!("{other:?}"),
        }
    }

    fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let request = if self.bearer.is_empty() { request } else { request.bearer_auth(&self.bearer) };
        self.runtime.block_on(async {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let text = response.text().await.unwrap();
            (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
        })
    }
}
