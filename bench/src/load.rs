//! The load: N connections on one thread, each sends its next request when the answer to the last has come.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;
use crate::client::complete;
use crate::measure::cpu_ns;

#[derive(Clone, Copy)]
pub struct Seen {
    pub answers: u64,
    pub seconds: f64,
    /// What part of a processor the load itself took.
    pub own_share: f64,
}

/// Sends `requests` in turn, on `connections` connections, for `slice`. Every answer must have the status `expected`.
pub fn run(
    address: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
    slice: Duration,
    expected: u16,
) -> Result<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (start, cpu) = (Instant::now(), cpu_ns());
        let until = start + slice;
        let requests: std::sync::Arc<[Vec<u8>]> = requests.into();
        let mut tasks = tokio::task::JoinSet::new();
        for connection in 0..connections {
            let requests = std::sync::Arc::clone(&requests);
            let first = connection * requests.len() / connections;
            tasks.spawn(async move { converse(address, &requests, first, until, expected).await });
        }
        let mut answers = 0;
        while let Some(done) = tasks.join_next().await {
            answers += done??;
        }
        let seconds = start.elapsed().as_secs_f64();
        Ok(Seen { answers, seconds, own_share: (cpu_ns() - cpu) as f64 / 1e9 / seconds })
    })
}

async fn converse(
    address: SocketAddr,
    requests: &[Vec<u8>],
    first: usize,
    until: Instant,
    expected: u16,
) -> Result<u64> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0u8; 16 << 10];
    let mut answers = 0;
    for request in requests.iter().cycle().skip(first) {
        if Instant::now() >= until {
            break;
        }
        stream.write_all(request).await?;
        let mut filled = 0;
        let status = loop {
            let read = stream.read(&mut buffer[filled..]).await?;
            filled += read;
            match complete(&buffer[..filled]) {
                Some((status, _)) => break status,
                None if read == 0 => return Err("the server hung up".into()),
                None => {}
            }
        };
        if status != expected {
            let answer = String::from_utf8_lossy(&buffer[..filled]).into_owned();
            return Err(format!("expected {expected}: {answer}").into());
        }
        answers += 1;
    }
    Ok(answers)
}
