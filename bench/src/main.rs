//! Comparisons with other engines and with a bare server; `docs/benchmarks.md` says how they are made.

mod alloc;
mod bare;
mod cedar;
mod client;
mod credits;
mod databases;
mod engine;
mod flood;
mod guarded;
mod http;
mod load;
mod machine;
mod measure;
mod oauth;
mod ours;
mod pairs;
mod people;
mod process;
mod server;
mod walk;
mod world;

type Error = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Error> = std::result::Result<T, E>;

#[global_allocator]
static ALLOCATOR: alloc::Counting = alloc::Counting;

const USAGE: &str = "\
usage: cargo xtask bench [SUBJECT…] [--smoke]

  engine    the decision engine beside cedar-policy and a walk over maps of strings
  guard     the guard in process and over HTTP
  http      a check over HTTP beside a bare axum handler
  people    login and refresh beside their cryptography alone; checks under a flood of logins
  oauth     tokens beside their cryptography and writes alone; introspection beside a bare axum handler
  credits   reserve and commit beside bare transactions
  server    start, memory, size, writes, first checks, loading
  all       everything (the default)

  --smoke   tiny, to see that it runs: the figures mean nothing
  --million-in-cedar   give cedar-policy the million too (needs much memory and time)";

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Effort {
    pub smoke: bool,
    pub million_in_cedar: bool,
}

fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            std::process::ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let mut effort = Effort { smoke: false, million_in_cedar: false };
    let mut subjects = Vec::new();
    for argument in arguments {
        match argument.as_str() {
            "--smoke" => effort.smoke = true,
            "--million-in-cedar" => effort.million_in_cedar = true,
            "--help" | "-h" | "help" => {
                println!("{USAGE}");
                return Ok(());
            }
            // What the HTTP comparison starts as its other side.
            "bare" => return bare::serve(),
            "all" => subjects.extend(["engine", "guard", "http", "people", "oauth", "credits", "server"]),
            subject => subjects.push(subject),
        }
    }
    if subjects.is_empty() {
        subjects.extend(["engine", "guard", "http", "people", "oauth", "credits", "server"]);
    }
    alloc::count();
    println!("{}\n", machine::line());
    for subject in subjects {
        match subject {
            "engine" => engine::run(effort)?,
            "guard" => guarded::run(effort)?,
            "http" => http::run(effort)?,
            "people" => people::run(effort)?,
            "oauth" => oauth::run(effort)?,
            "credits" => credits::run(effort)?,
            "server" => server::run(effort)?,
            other => return Err(format!("unknown subject {other}\n{USAGE}").into()),
        }
    }
    Ok(())
}
