//! The first check of a principal that is not in memory: its rows are read and compiled.

use std::time::Instant;

use crate::client::Client;
use crate::measure::{Samples, Table};
use crate::process::Server;
use crate::walk::Walk;
use crate::world::{Chance, Question, World};
use crate::{Effort, Result};

pub fn measure(effort: Effort) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let world = World::of(if effort.smoke { 300 } else { 5_000 });
    let server = Server::start(folder.path(), None)?;
    Client::owner(server.address, folder.path())?.write(&world)?;
    server.stop()?;
    let server = Server::start(folder.path(), None)?;
    let mut client = Client::owner(server.address, folder.path())?;
    let walk = Walk::load(&world);
    let questions = one_of_each(&world, &walk);
    // The owner's own rights are in memory from here on.
    let stranger = Question { user: "stranger".into(), path: "a".into(), action: "read".into() };
    ask(&mut client, &stranger, false)?;
    let (mut first, mut second) = (Samples::default(), Samples::default());
    for question in &questions {
        first.push(ask(&mut client, question, true)?);
        second.push(ask(&mut client, question, true)?);
    }
    let mut table = Table::new(&["check", "µs, as the client sees it", "for 99 %"]);
    for (name, samples) in [("first of a user", &first), ("second", &second)] {
        table.row(&[name.to_owned(), samples.to_string(), crate::measure::figure(samples.quantile(0.99))]);
    }
    println!(
        "The first check of a user after a start (SQLite, ten grants, two groups of ten), and the second:\n\n{table}"
    );
    server.stop()
}

/// A question for each user, answered with yes.
fn one_of_each(world: &World, walk: &Walk) -> Vec<Question> {
    let mut chance = Chance(9);
    let yes = |question: &Question| walk.allows(question);
    (0..world.users.len()).map(|user| world.questions(1, &mut chance, |_| user, yes).remove(0)).collect()
}

/// Microseconds.
fn ask(client: &mut Client, question: &Question, allowed: bool) -> Result<f64> {
    let request = client.check(question);
    let start = Instant::now();
    let (status, answer) = client.send(&request)?;
    let spent = start.elapsed().as_secs_f64() * 1e6;
    if (status == 200) != allowed {
        return Err(format!("{} {}: {status} {answer}", question.user, question.path).into());
    }
    Ok(spent)
}
