//! A check over HTTP beside a bare axum handler: the same load, the same answer, in turns.

use std::time::Duration;

use crate::client::Client;
use crate::load;
use crate::measure::{Samples, Table, figure};
use crate::process::Server;
use crate::walk::Walk;
use crate::world::{Chance, World};
use crate::{Effort, Result};

pub fn run(effort: Effort) -> Result<()> {
    println!("## A check over HTTP\n");
    let folder = tempfile::tempdir()?;
    let ours = Server::start(folder.path(), None)?;
    let bare = Server::start_bare()?;
    let world = World::of(if effort.smoke { 200 } else { 2_000 });
    let mut client = Client::owner(ours.address, folder.path())?;
    client.write(&world)?;
    let walk = Walk::load(&world);
    let questions = world.questions(
        1_000,
        &mut Chance(3),
        |chance| chance.place(world.users.len()),
        |question| walk.allows(question),
    );
    let (yes, no): (Vec<_>, Vec<_>) = questions.iter().partition(|question| walk.allows(question));
    let requests = |questions: &[&crate::world::Question]| -> Vec<Vec<u8>> {
        questions.iter().map(|question| client.check(question)).collect()
    };
    let (yes, no) = (requests(&yes), requests(&no));
    // What is compared is right, and warm.
    load::run(ours.address, &no, 4, Duration::from_millis(300), 404)?;
    load::run(ours.address, &yes, 4, Duration::from_millis(300), 200)?;
    compare(&ours, &bare, &yes, effort)?;
    ours.stop()?;
    bare.stop()
}

/// One server under one load.
#[derive(Default)]
struct Side {
    rate: Samples,
    /// Microseconds of processor time a request.
    cost: Samples,
    load: Samples,
}

impl Side {
    fn measure(
        &mut self,
        server: &Server,
        requests: &[Vec<u8>],
        connections: usize,
        slice: Duration,
    ) -> Result<(f64, f64)> {
        let before = server.cpu()?;
        let seen = load::run(server.address, requests, connections, slice, 200)?;
        let rate = seen.answers as f64 / seen.seconds;
        let cost = (server.cpu()? - before) * 1e6 / seen.answers as f64;
        self.rate.push(rate);
        self.cost.push(cost);
        self.load.push(seen.own_share);
        Ok((rate, cost))
    }
}

fn compare(ours: &Server, bare: &Server, requests: &[Vec<u8>], effort: Effort) -> Result<()> {
    let (rounds, slice) =
        if effort.smoke { (2, Duration::from_millis(200)) } else { (7, Duration::from_millis(2_500)) };
    let mut table = Table::new(&[
        "connections",
        "checks a second",
        "bare answers a second",
        "ours / bare",
        "processor time a check, µs",
        "a bare answer, µs",
        "ours / bare",
        "processors taken by the load",
    ]);
    for connections in [16, 64] {
        let (mut us, mut them) = (Side::default(), Side::default());
        let (mut rates, mut costs) = (Samples::default(), Samples::default());
        for _ in 0..rounds {
            let (our_rate, our_cost) = us.measure(ours, requests, connections, slice)?;
            let (bare_rate, bare_cost) = them.measure(bare, requests, connections, slice)?;
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
    println!(
        "Warm checks with a bearer, all answered 200, median (min–max) of {rounds} rounds in turns:\n\n{table}"
    );
    Ok(())
}
