//! Two threads beside one: nothing is shared that both write.

use std::hint::black_box;
use std::time::Instant;

use super::Asked;
use crate::Effort;
use crate::measure::{Samples, Table, cpu_of, figure};
use crate::ours::Ours;
use crate::world::Question;

pub fn measure(ours: &Ours<'_>, asked: &Asked, effort: Effort) {
    let (rounds, passes) = if effort.smoke { (2, 1) } else { (9, 8) };
    let mut table = Table::new(&[
        "users asked about",
        "two threads' checks a second / one's",
        "one's processor time a check / two threads'",
    ]);
    for (name, questions, passes) in [("64", &asked.hot, passes * 64), ("all", &asked.random, passes)] {
        let (mut throughput, mut cost) = (Samples::default(), Samples::default());
        for _ in 0..rounds {
            let (one_wall, one_cpu) = on(1, ours, questions, passes);
            let (two_wall, two_cpu) = on(2, ours, questions, passes);
            throughput.push(2.0 * one_wall / two_wall);
            cost.push(2.0 * one_cpu / two_cpu);
        }
        table.row(&[name.to_owned(), throughput.to_string(), cost.to_string()]);
    }
    println!(
        "Two threads, {} questions a round, at 100 thousand grants:\n\n{table}",
        figure((asked.random.len() * passes) as f64)
    );
}

/// Wall time, and processor time of all threads, while each of `threads` asks everything.
fn on(threads: usize, ours: &Ours<'_>, questions: &[Question], passes: usize) -> (f64, f64) {
    let start = Instant::now();
    let spent = std::thread::scope(|scope| {
        let work = || {
            cpu_of(|| {
                for _ in 0..passes {
                    for question in questions {
                        black_box(ours.decide(black_box(question)));
                    }
                }
            })
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).sum()
    });
    (start.elapsed().as_secs_f64(), spent)
}
