//! The server as a process: start, memory, size, writes, first checks, loading.

pub mod bare_rows;
mod first_checks;
mod loading;
mod writes;

use std::time::Duration;

use crate::measure::{Samples, Table, figure};
use crate::process::{self, Server};
use crate::{Effort, Result};

pub fn run(effort: Effort) -> Result<()> {
    println!("## The server\n");
    let size = std::fs::metadata(process::program()?)?.len();
    println!("Size of the binary: {} MB.\n", figure(size as f64 / f64::from(1 << 20)));
    start(effort)?;
    writes::measure(effort)?;
    first_checks::measure(effort)?;
    loading::measure(effort)
}

fn start(effort: Effort) -> Result<()> {
    let rounds = if effort.smoke { 3 } else { 15 };
    let mut table = Table::new(&["start", "to ready, ms", "idle memory, MB"]);
    let folder = tempfile::tempdir()?;
    let (mut fresh, mut again, mut memory) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..rounds.min(5) {
        let empty = tempfile::tempdir()?;
        let server = Server::start(empty.path(), None)?;
        fresh.push(milliseconds(server.ready_after));
        server.stop()?;
    }
    Server::start(folder.path(), None)?.stop()?;
    for _ in 0..rounds {
        let server = Server::start(folder.path(), None)?;
        again.push(milliseconds(server.ready_after));
        std::thread::sleep(Duration::from_millis(200));
        memory.push(server.memory()?);
        server.stop()?;
    }
    let nothing = "–".to_owned();
    table.row(&["with nothing there: database, keys, owner".to_owned(), fresh.to_string(), nothing]);
    table.row(&["with its database there (SQLite)".to_owned(), again.to_string(), memory.to_string()]);
    println!("From the start of the process to requests being answered, median (min–max):\n\n{table}");
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
