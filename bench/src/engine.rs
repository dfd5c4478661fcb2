//! The decision engine: speed, memory, threads, writes.

mod speed;
mod threads;
mod writes;

use crate::ours::Ours;
use crate::walk::Walk;
use crate::world::{Chance, HOT, Question, World};
use crate::{Effort, Result};

/// Enough for every world here; the server's default is another.
const MAX_BYTES: usize = 256 << 20;

pub fn run(effort: Effort) -> Result<()> {
    println!("## Engine\n");
    let sizes: &[usize] = if effort.smoke { &[1_000, 10_000] } else { &[1_000, 100_000, 1_000_000] };
    let mut reports = speed::Reports::new();
    for &grants in sizes {
        let world = World::of(grants);
        let walk = Walk::load(&world);
        let asked = Asked::of(&world, &walk, if effort.smoke { 1 << 10 } else { 1 << 16 });
        speed::compare(&world, &walk, &asked, effort, &mut reports)?;
    }
    println!("{reports}");
    let world = World::of(if effort.smoke { 10_000 } else { 100_000 });
    let walk = Walk::load(&world);
    let asked = Asked::of(&world, &walk, if effort.smoke { 1 << 10 } else { 1 << 16 });
    let ours = Ours::load(&world, MAX_BYTES)?;
    threads::measure(&ours, &walk, &asked, effort);
    writes::measure(&ours, &world, &asked, effort);
    Ok(())
}

/// What is asked: about 64 users, and about all.
struct Asked {
    hot: Vec<Question>,
    random: Vec<Question>,
}

impl Asked {
    fn of(world: &World, walk: &Walk, count: usize) -> Self {
        let users = world.users.len();
        let hot_users = HOT.min(users);
        let mut chance = Chance(1);
        let answer = |question: &Question| walk.allows(question);
        let hot = world.questions(
            count.min(1 << 10),
            &mut chance,
            |chance| chance.place(hot_users) * (users / hot_users),
            answer,
        );
        let random = world.questions(count, &mut chance, |chance| chance.place(users), answer);
        Self { hot, random }
    }
}
