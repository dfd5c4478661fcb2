//! A check over HTTP beside a bare axum handler: the same load, the same answer, in turns.

use std::time::Duration;

use crate::client::Client;
use crate::load;
use crate::pairs::{Side, compare};
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
    load::run(ours.address, &no, 4, Duration::from_millis(300), &[404])?;
    load::run(ours.address, &yes, 4, Duration::from_millis(300), &[200])?;
    let side = |server| Side { name: "check", server, requests: &yes };
    compare(&side(&ours), &side(&bare), effort)?;
    ours.stop()?;
    bare.stop()
}
