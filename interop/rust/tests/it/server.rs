//! One running server.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(10);

static STARTED: AtomicU32 = AtomicU32::new(0);

/// A server with a data folder (and, for PostgreSQL, a database) of its own. Dropped unstopped, it is killed.
pub struct Server {
    pub url: String,
    process: Child,
    folder: PathBuf,
    database: Option<String>,
}

impl Server {
    pub fn start() -> Self {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("portcullis_interop_{}_{number}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir(&folder).unwrap();
        let database = postgres().map(|admin| create_database(&admin, &name));
        let process = Command::new(binary())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(storage(&folder, database.as_deref()))
            .stdout(Stdio::piped())
            .stderr(File::create(folder.join("server.log")).unwrap())
            .own_environment()
            .spawn()
            .expect("PORTCULLIS_BIN must be the path of the built server");
        let mut server = Self { url: String::new(), process, folder, database };
        server.url = server.read_url();
        server
    }

    fn read_url(&mut self) -> String {
        let lines = BufReader::new(self.process.stdout.take().unwrap()).lines();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("listening on ") {
                    let _ = sender.send(url.trim().to_owned());
                }
            }
        });
        receiver
            .recv_timeout(START)
            .unwrap_or_else(|_| panic!("the server did not start; its log:\n{}", self.log()))
    }

    /// One of `account_id`, `client_id` and `access_key` of the owner service client.
    pub fn bootstrap(&self, field: &str) -> String {
        let text = fs::read_to_string(self.folder.join("data/bootstrap.json")).unwrap();
        let values: serde_json::Value = serde_json::from_str(&text).unwrap();
        values[field].as_str().unwrap().to_owned()
    }

    pub fn user_token(&self, user_id: &str) -> String {
        let printed = self.command(&["token", "create", user_id, "--ttl", "1h", "--json"]);
        let answer: serde_json::Value = serde_json::from_str(&printed).unwrap();
        answer["token"].as_str().unwrap().to_owned()
    }

    /// Imports what `portcullis apply` reads.
    pub fn apply(&self, document: &serde_json::Value) {
        let path = self.folder.join("apply.json");
        fs::write(&path, document.to_string()).unwrap();
        self.command(&["apply", path.to_str().unwrap()]);
    }

    fn command(&self, arguments: &[&str]) -> String {
        let output = Command::new(binary())
            .args(arguments)
            .args(storage(&self.folder, self.database.as_deref()))
            .own_environment()
            .env("PORTCULLIS_PUBLIC_URL", &self.url)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "portcullis {} ended with {}:\n{errors}",
            arguments.join(" "),
            output.status
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// SIGTERM must end it with exit code 0 in time.
    pub fn stop(mut self) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let asked = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                break status;
            }
            assert!(
                asked.elapsed() < STOP,
                "the server did not stop after SIGTERM; its log:\n{}",
                self.log()
            );
            thread::sleep(Duration::from_millis(20));
        };
        assert!(status.success(), "the server ended with {status} after SIGTERM; its log:\n{}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the server's log:\n{}", self.log());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
        if let (Some(admin), Some(url)) = (postgres(), &self.database) {
            let name = url.rsplit('/').next().unwrap_or_default().split('?').next().unwrap_or_default();
            psql(&admin, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

trait OwnEnvironment {
    /// Drops the variables that are meant for the tests.
    fn own_environment(&mut self) -> &mut Self;
}

impl OwnEnvironment for Command {
    fn own_environment(&mut self) -> &mut Self {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PORTCULLIS_") {
                self.env_remove(name);
            }
        }
        self
    }
}

fn binary() -> String {
    std::env::var("PORTCULLIS_BIN").expect("PORTCULLIS_BIN must be the path of the built server")
}

fn storage(folder: &std::path::Path, database: Option<&str>) -> Vec<String> {
    let mut arguments = vec!["--data-dir".to_owned(), folder.join("data").to_str().unwrap().to_owned()];
    arguments.extend(database.into_iter().flat_map(|url| ["--database".to_owned(), url.to_owned()]));
    arguments
}

/// The PostgreSQL server to make databases on, if the tests are to use one.
fn postgres() -> Option<String> {
    match std::env::var("PORTCULLIS_TEST_DATABASE").as_deref() {
        Err(_) | Ok("sqlite") => None,
        Ok("postgres") => Some(std::env::var("PORTCULLIS_TEST_POSTGRES").unwrap()),
        Ok(other) => panic!("PORTCULLIS_TEST_DATABASE is {other}; expected sqlite or postgres"),
    }
}

fn create_database(admin: &str, name: &str) -> String {
    psql(admin, &format!("CREATE DATABASE {name}"));
    let (server, query) =
        admin.split_once('?').map_or((admin, None), |(server, query)| (server, Some(query)));
    let authority = server.find("://").map_or(0, |at| at + 3);
    let server = server[authority..].find('/').map_or(server, |slash| &server[..authority + slash]);
    query.map_or_else(|| format!("{server}/{name}"), |query| format!("{server}/{name}?{query}"))
}

fn psql(server: &str, statement: &str) {
    let arguments = ["--quiet", "--no-psqlrc", "-v", "ON_ERROR_STOP=1", "-c", statement, server];
    assert!(Command::new("psql").args(arguments).status().unwrap().success(), "psql: {statement}");
}
