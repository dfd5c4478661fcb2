//! The load: N connections on one thread, each sends its next request when the answer to the last has come.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;
use crate::client::complete;
use crate::measure::{Samples, cpu_ns};

#[derive(Clone)]
pub struct Seen {
    pub answers: u64,
    pub seconds: f64,
    /// What part of a processor the load itself took.
    pub own_share: f64,
    /// How long each answer took, in microseconds.
    pub waits: Samples,
}

/// Sends `requests` in turn, on `connections` connections, for `slice`. Every answer must have one of the statuses `expected`.
pub fn run(
    address: SocketAddr,
    requests: &[Vec<u8>],
    connections: usize,
    slice: Duration,
    expected: &'static [u16],
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
        let mut waits = Samples::default();
        while let Some(done) = tasks.join_next().await {
            waits.extend(done??);
        }
        let seconds = start.elapsed().as_secs_f64();
        let own_share = (cpu_ns() - cpu) as f64 / 1e9 / seconds;
        Ok(Seen { answers: waits.len() as u64, seconds, own_share, waits })
    })
}

async fn converse(
    address: SocketAddr,
    requests: &[Vec<u8>],
    first: usize,
    until: Instant,
    expected: &[u16],
) -> Result<Vec<f64>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0u8; 16 << 10];
    let mut waits = Vec::new();
    for request in requests.iter().cycle().skip(first) {
        let sent = Instant::now();
        if sent >= until {
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
        if !expected.contains(&status) {
            let answer = String::from_utf8_lossy(&buffer[..filled]).into_owned();
            return Err(format!("expected {expected:?}: {answer}").into());
        }
        waits.push(sent.elapsed().as_secs_f64() * 1e6);
    }
    Ok(waits)
}
