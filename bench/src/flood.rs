//! Checks while somebody floods the server with logins, beside the same checks when nobody does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::client::Client;
use crate::load;
use crate::measure::{Samples, Table, figure};
use crate::process::Server;
use crate::{Effort, Result};

/// How many people sign in at once, each again as soon as they are answered: as many as the server lets wait.
const CROWD: usize = 48;

/// Every slice of checks is measured twice, in turns: without and with the flood.
pub fn measure(server: &Server, checks: &[Vec<u8>], logins: &[Vec<u8>], effort: Effort) -> Result<()> {
    let (rounds, slice) =
        if effort.smoke { (2, Duration::from_millis(300)) } else { (7, Duration::from_millis(3_000)) };
    let (mut idle, mut flooded, mut rates) = <(Samples, Samples, Samples)>::default();
    let (mut idle_tail, mut flooded_tail, mut tails) = <(Samples, Samples, Samples)>::default();
    let mut served = Samples::default();
    for _ in 0..rounds {
        let quiet = load::run(server.address, checks, 16, slice, &[200])?;
        let (busy, logins_a_second) = under_flood(server, checks, logins, slice)?;
        let (before, during) = (quiet.answers as f64 / quiet.seconds, busy.answers as f64 / busy.seconds);
        let (tail_before, tail_during) = (quiet.waits.quantile(0.99), busy.waits.quantile(0.99));
        idle.push(before);
        flooded.push(during);
        rates.push(during / before);
        idle_tail.push(tail_before);
        flooded_tail.push(tail_during);
        tails.push(tail_during / tail_before);
        served.push(logins_a_second);
    }
    let mut table = Table::new(&["", "idle", "under the flood", "flood / idle"]);
    table.row(&["checks a second".to_owned(), idle.to_string(), flooded.to_string(), rates.to_string()]);
    table.row(&[
        "99 % within, µs".to_owned(),
        idle_tail.to_string(),
        flooded_tail.to_string(),
        tails.to_string(),
    ]);
    println!(
        "Warm checks on 16 connections while {CROWD} others sign in without pause ({} logins answered a second), \
         median (min–max) of {rounds} rounds in turns:\n\n{table}",
        figure(served.median())
    );
    Ok(())
}

fn under_flood(
    server: &Server,
    checks: &[Vec<u8>],
    logins: &[Vec<u8>],
    slice: Duration,
) -> Result<(load::Seen, f64)> {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let flood = scope.spawn(|| -> Result<f64> {
            let mut answered = Samples::default();
            while !over.load(Ordering::Acquire) {
                let seen =
                    load::run(server.address, logins, CROWD, Duration::from_millis(500), &[200, 429, 503])?;
                answered.push(seen.answers as f64 / seen.seconds);
            }
            Ok(answered.median())
        });
        // The queue is full before it counts.
        std::thread::sleep(Duration::from_millis(300));
        let seen = load::run(server.address, checks, 16, slice, &[200]);
        over.store(true, Ordering::Release);
        let answered = flood.join().map_err(|_panicked| "the flood broke")??;
        Ok((seen?, answered))
    })
}

/// A login that can be sent as it is.
pub fn login(client: &Client, email: &str, password: &str) -> Vec<u8> {
    client.anonymous_post("/v1/auth/login", &json!({ "email": email, "password": password }))
}
