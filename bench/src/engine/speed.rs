//! One warm check: ours, the walk on strings, cedar-policy; and the memory of a grant.

use std::fmt;
use std::hint::black_box;

use cedar_policy::Request;

use super::{Asked, MAX_BYTES};
use crate::cedar::Cedar;
use crate::measure::{Samples, Table, cpu_of, figure, seconds_of};
use crate::ours::Ours;
use crate::walk::Walk;
use crate::world::{Question, World};
use crate::{Effort, Result, alloc};

/// How many questions cedar is asked a round.
const FOR_CEDAR: usize = 4_000;

pub struct Reports {
    speed: Table,
    memory: Table,
}

impl Reports {
    pub fn new() -> Self {
        Self {
            speed: Table::new(&[
                "grants",
                "users asked about",
                "ours, ns",
                "walk, ns",
                "walk / ours",
                "cedar-policy, ns",
                "cedar / ours",
            ]),
            memory: Table::new(&[
                "grants",
                "principals",
                "loading, s",
                "bytes a grant, allocated",
                "as the cache counts",
                "allocations in a check",
                "answers compared",
            ]),
        }
    }
}

impl fmt::Display for Reports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "One warm check, nanoseconds of processor time, median (min–max) of the rounds:\n\n{}\n",
            self.speed
        )?;
        write!(f, "Memory:\n\n{}", self.memory)
    }
}

struct Foreign {
    cedar: Cedar,
    hot: Vec<Request>,
    random: Vec<Request>,
}

pub fn compare(
    world: &World,
    walk: &Walk,
    asked: &Asked,
    effort: Effort,
    reports: &mut Reports,
) -> Result<()> {
    let before = alloc::live();
    let (seconds, ours) = seconds_of(|| Ours::load(world, MAX_BYTES));
    let ours = ours?;
    let bytes = alloc::live() - before;
    let foreign = foreign(world, asked, effort)?;
    let compared = same_answers(&ours, walk, asked, foreign.as_ref())?;

    let calls = alloc::calls();
    asked.random.iter().chain(&asked.hot).for_each(|question| {
        black_box(ours.decide(question));
    });
    let calls = alloc::calls() - calls;

    let rounds = if effort.smoke { 2 } else { 9 };
    for (name, questions, requests) in [
        ("64", &asked.hot, foreign.as_ref().map(|foreign| &foreign.hot)),
        ("all", &asked.random, foreign.as_ref().map(|foreign| &foreign.random)),
    ] {
        let (mut us, mut them, mut cedar) = (Samples::default(), Samples::default(), Samples::default());
        for _ in 0..rounds {
            us.push(per_item(questions, |question| ours.allows(question)));
            them.push(per_item(questions, |question| walk.allows(question)));
            if let (Some(foreign), Some(requests)) = (&foreign, requests) {
                cedar.push(per_item(requests, |request| foreign.cedar.allows(request)));
            }
        }
        let cedars = match &foreign {
            Some(_) => [cedar.to_string(), figure(cedar.median() / us.median())],
            None => ["–".to_owned(), "–".to_owned()],
        };
        let [cedar, cedar_ratio] = cedars;
        reports.speed.row(&[
            world.grants().to_string(),
            name.to_owned(),
            us.to_string(),
            them.to_string(),
            figure(them.median() / us.median()),
            cedar,
            cedar_ratio,
        ]);
    }
    let (sets, counted) = ours.decider.cache().size();
    let grants = world.grants() as f64;
    reports.memory.row(&[
        world.grants().to_string(),
        sets.to_string(),
        figure(seconds),
        figure(bytes as f64 / grants),
        figure(counted as f64 / grants),
        calls.to_string(),
        compared,
    ]);
    Ok(())
}

fn foreign(world: &World, asked: &Asked, effort: Effort) -> Result<Option<Foreign>> {
    if effort.smoke || (world.grants() > 500_000 && !effort.million_in_cedar) {
        return Ok(None);
    }
    let for_cedar = |questions: &[Question]| -> Result<Vec<Request>> {
        questions.iter().take(FOR_CEDAR).map(Cedar::request).collect()
    };
    let questions = asked.hot.iter().take(FOR_CEDAR).chain(asked.random.iter().take(FOR_CEDAR));
    let before = alloc::live();
    let (seconds, cedar) = seconds_of(|| Cedar::load(world, questions));
    eprintln!(
        "cedar-policy: {} grants in {seconds:.1} s, {} MB",
        world.grants(),
        (alloc::live() - before) >> 20
    );
    Ok(Some(Foreign { cedar: cedar?, hot: for_cedar(&asked.hot)?, random: for_cedar(&asked.random)? }))
}

/// Refuses to measure engines that do not agree.
fn same_answers(ours: &Ours<'_>, walk: &Walk, asked: &Asked, foreign: Option<&Foreign>) -> Result<String> {
    let mut yes = 0;
    for question in asked.hot.iter().chain(&asked.random) {
        let right = walk.allows(question);
        yes += usize::from(right);
        if ours.allows(question) != right {
            return Err(format!(
                "we say {} to {} {} {}",
                !right, question.user, question.action, question.path
            )
            .into());
        }
    }
    let all = asked.hot.len() + asked.random.len();
    let Some(foreign) = foreign else { return Ok(format!("{all}, {yes} yes; 2 engines")) };
    let pairs = asked.hot.iter().zip(&foreign.hot).chain(asked.random.iter().zip(&foreign.random));
    for (question, request) in pairs {
        if foreign.cedar.allows(request) != walk.allows(question) {
            return Err(format!(
                "cedar disagrees on {} {} {}",
                question.user, question.action, question.path
            )
            .into());
        }
    }
    Ok(format!("{all}, {yes} yes; cedar-policy {}", foreign.hot.len() + foreign.random.len()))
}

/// Nanoseconds for one of `items`, of at least 20 ms of work.
fn per_item<T>(items: &[T], mut answer: impl FnMut(&T) -> bool) -> f64 {
    let passes = (65_536 / items.len()).clamp(1, if items.len() < 5_000 { 16 } else { 4 });
    let spent = cpu_of(|| {
        for _ in 0..passes {
            for item in items {
                black_box(answer(black_box(item)));
            }
        }
    });
    spent / (passes * items.len()) as f64
}
