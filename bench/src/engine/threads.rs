//! Two threads beside one: nothing is shared that both write. The walk, which only reads, shows what two threads get of this
//! machine at all: two processors may be halves of one core.

use std::hint::black_box;
use std::time::Instant;

use super::Asked;
use crate::Effort;
use crate::measure::{Samples, Table, cpu_of};
use crate::ours::Ours;
use crate::walk::Walk;
use crate::world::Question;

pub fn measure(ours: &Ours<'_>, walk: &Walk, asked: &Asked, effort: Effort) {
    let (rounds, passes) = if effort.smoke { (2, 1) } else { (9, 8) };
    let mut table = Table::new(&[
        "users asked about",
        "engine",
        "two threads' checks a second / one's",
        "one's processor time a check / two threads'",
    ]);
    for (name, questions, passes) in [("64", &asked.hot, passes * 64), ("all", &asked.random, passes)] {
        let (mut us, mut them) = (Side::default(), Side::default());
        for _ in 0..rounds {
            us.measure(questions, passes, &|question| ours.allows(question));
            them.measure(questions, passes, &|question| walk.allows(question));
        }
        for (engine, side) in [("ours", us), ("walk", them)] {
            table.row(&[
                name.to_owned(),
                engine.to_owned(),
                side.throughput.to_string(),
                side.cost.to_string(),
            ]);
        }
    }
    println!("Two threads beside one, at 100 thousand grants:\n\n{table}");
}

#[derive(Default)]
struct Side {
    throughput: Samples,
    cost: Samples,
}

impl Side {
    fn measure(
        &mut self,
        questions: &[Question],
        passes: usize,
        answer: &(impl Fn(&Question) -> bool + Sync),
    ) {
        let (one_wall, one_cpu) = on(1, questions, passes, answer);
        let (two_wall, two_cpu) = on(2, questions, passes, answer);
        self.throughput.push(2.0 * one_wall / two_wall);
        self.cost.push(2.0 * one_cpu / two_cpu);
    }
}

/// Wall time, and processor time of all threads, while each of `threads` asks everything.
fn on(
    threads: usize,
    questions: &[Question],
    passes: usize,
    answer: &(impl Fn(&Question) -> bool + Sync),
) -> (f64, f64) {
    let start = Instant::now();
    let spent = std::thread::scope(|scope| {
        let work = || {
            cpu_of(|| {
                for _ in 0..passes {
                    for question in questions {
                        black_box(answer(black_box(question)));
                    }
                }
            })
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).sum()
    });
    (start.elapsed().as_secs_f64(), spent)
}
