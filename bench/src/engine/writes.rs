//! Writes beside checks: what a thousand a second cost, and how soon one is seen.

use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use portcullis_authz::{Decision, Holder};

use super::Asked;
use crate::Effort;
use crate::measure::{Samples, Table, cpu_ns, figure};
use crate::ours::Ours;
use crate::world::{Chance, World};

const A_SECOND: u32 = 1_000;

pub fn measure(ours: &Ours<'_>, world: &World, asked: &Asked, effort: Effort) {
    let (rounds, slice) =
        if effort.smoke { (2, Duration::from_millis(100)) } else { (7, Duration::from_millis(1_000)) };
    let (mut slower, mut dearer, mut made) = (Samples::default(), Samples::default(), Samples::default());
    for _ in 0..rounds {
        let (quiet, quiet_cpu, _) = checks(ours, world, asked, slice, false);
        let (busy, busy_cpu, writes) = checks(ours, world, asked, slice, true);
        slower.push((1.0 - busy / quiet) * 100.0);
        dearer.push((busy_cpu / quiet_cpu - 1.0) * 100.0);
        made.push(writes);
    }
    let mut table =
        Table::new(&["writes a second", "fewer checks a second, %", "more processor time a check, %"]);
    table.row(&[made.to_string(), slower.to_string(), dearer.to_string()]);
    println!(
        "Checks of all users on one thread while another rewrites users at random (forget, compile, keep):\n\n{table}"
    );
    let seen = seen_after(ours, world, if effort.smoke { 100 } else { 5_000 });
    let (half, most, all) = (seen.quantile(0.5), seen.quantile(0.99), seen.quantile(1.0));
    println!(
        "From the begin of a write to the first check on another thread that knows it: {} µs median, {} µs for 99 %, \
         {} µs at most.\n",
        figure(half),
        figure(most),
        figure(all)
    );
}

/// Checks a second, processor nanoseconds a check, and writes a second.
fn checks(ours: &Ours<'_>, world: &World, asked: &Asked, slice: Duration, writing: bool) -> (f64, f64, f64) {
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| if writing { write(ours, world, &done) } else { 0.0 });
        let (start, cpu) = (Instant::now(), cpu_ns());
        let mut count = 0usize;
        let mut next = asked.random.iter().cycle();
        while start.elapsed() < slice {
            for question in next.by_ref().take(1_000) {
                black_box(ours.decide(black_box(question)));
            }
            count += 1_000;
        }
        let spent = (cpu_ns() - cpu) as f64;
        let wall = start.elapsed().as_secs_f64();
        done.store(true, Ordering::Relaxed);
        let writes = writer.join().unwrap_or(0.0);
        (count as f64 / wall, spent / count as f64, writes)
    })
}

fn write(ours: &Ours<'_>, world: &World, done: &AtomicBool) -> f64 {
    let (start, mut chance, mut writes) = (Instant::now(), Chance(7), 0u32);
    while !done.load(Ordering::Relaxed) {
        ours.rewrite_user(chance.place(world.users.len()));
        writes += 1;
        let due = Duration::from_secs(1) / A_SECOND * writes;
        std::thread::sleep(due.saturating_sub(start.elapsed()));
    }
    f64::from(writes) / start.elapsed().as_secs_f64()
}

/// Microseconds from the begin of each of `count` writes to the first check that answers from it.
fn seen_after(ours: &Ours<'_>, world: &World, count: usize) -> Samples {
    let user = &world.users[0];
    let grant = &user.grants[0];
    let question = crate::world::Question {
        user: user.id.clone(),
        path: grant.path.clone(),
        action: world.roles[grant.role].actions[0].clone(),
    };
    let epoch = Instant::now();
    let now = || u64::try_from(epoch.elapsed().as_nanos()).unwrap_or(u64::MAX);
    // The instant at which the reader saw the answer change, and what it saw last.
    let (seen, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let samples = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut last = Decision::Allow;
            while !done.load(Ordering::Relaxed) {
                let decision = ours.decide(&question);
                if decision != last && decision != Decision::NotLoaded {
                    last = decision;
                    seen.store(now(), Ordering::Release);
                }
            }
        });
        let mut allowed = true;
        let samples = (0..count)
            .map(|_| {
                allowed = !allowed;
                seen.store(0, Ordering::Release);
                let begun = now();
                if allowed {
                    ours.rewrite_user(0);
                } else {
                    let holder = Holder::User(&user.id);
                    ours.decider.forget(holder);
                    ours.decider.finish_load(ours.decider.begin_load(holder), &[], &[]);
                }
                loop {
                    match seen.load(Ordering::Acquire) {
                        0 => std::hint::spin_loop(),
                        at => break at.saturating_sub(begun) as f64 / 1_000.0,
                    }
                }
            })
            .collect();
        done.store(true, Ordering::Relaxed);
        samples
    });
    ours.rewrite_user(0);
    samples
}
