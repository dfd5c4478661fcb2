//! Two servers under the same kind of load, in turns.

use std::time::Duration;

use crate::load;
use crate::measure::{Samples, Table, figure};
use crate::process::Server;
use crate::{Effort, Result};

/// A server and what it is asked; every answer is 200.
pub struct Side<'a> {
    pub name: &'a str,
    pub server: &'a Server,
    pub requests: &'a [Vec<u8>],
}

#[derive(Default)]
struct Seen {
    rate: Samples,
    /// Microseconds of processor time a request.
    cost: Samples,
    load: Samples,
}

impl Seen {
    fn measure(&mut self, side: &Side<'_>, connections: usize, slice: Duration) -> Result<(f64, f64)> {
        let before = side.server.cpu()?;
        let seen = load::run(side.server.address, side.requests, connections, slice, &[200])?;
        let rate = seen.answers as f64 / seen.seconds;
        let cost = (side.server.cpu()? - before) * 1e6 / seen.answers as f64;
        self.rate.push(rate);
        self.cost.push(cost);
        self.load.push(seen.own_share);
        Ok((rate, cost))
    }
}

/// Prints how fast and how dear `ours` answers beside `bare`.
pub fn compare(ours: &Side<'_>, bare: &Side<'_>, effort: Effort) -> Result<()> {
    let (rounds, slice) =
        if effort.smoke { (2, Duration::from_millis(200)) } else { (7, Duration::from_millis(2_500)) };
    let name = ours.name;
    let mut table = Table::new(&[
        "connections",
        &format!("{name}s a second"),
        "bare answers a second",
        "ours / bare",
        &format!("processor time a {name}, µs"),
        "a bare answer, µs",
        "ours / bare",
        "processors taken by the load",
    ]);
    for connections in [16, 64] {
        let (mut us, mut them) = (Seen::default(), Seen::default());
        let (mut rates, mut costs) = (Samples::default(), Samples::default());
        for _ in 0..rounds {
            let (our_rate, our_cost) = us.measure(ours, connections, slice)?;
            let (bare_rate, bare_cost) = them.measure(bare, connections, slice)?;
            rates.push(our_rate / bare_rate);
            costs.push(our_cost / bare_cost);
        }
        table.row(&[
            connections.to_string(),
            us.rate.to_string(),
            them.rate.to_string(),
            rates.to_string(),
            us.cost.to_string(),
            them.cost.to_string(),
            costs.to_string(),
            format!("{}, {}", figure(us.load.median()), figure(them.load.median())),
        ]);
    }
    println!("All answered 200, median (min–max) of {rounds} rounds in turns:\n\n{table}");
    Ok(())
}
