//! Puts a law to many random worlds, and makes a world that breaks it small before it is shown.

use crate::scenario::{Facts, Statement};
use crate::world::{self, Question, Random};

const WORLDS: u64 = 300;
const SEED: u64 = 20_260_101;

/// What is wrong, or nothing.
pub type Verdict = Result<(), String>;

fn variable(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.trim().parse().unwrap_or_else(|_| panic!("{name}={text}: expected a number")),
        Err(_) => default,
    }
}

/// Puts `law` to `PORTCULLIS_WORLDS` worlds with `questions` questions each, from `PORTCULLIS_SEED` on.
pub fn in_every_world(questions: usize, law: impl Fn(&Facts, &[Question]) -> Verdict) {
    let seed = variable("PORTCULLIS_SEED", SEED);
    for number in 0..variable("PORTCULLIS_WORLDS", WORLDS) {
        let mut random = Random::new(Random::new(seed ^ number.rotate_left(32)).next());
        let facts = world::facts(&mut random);
        let questions: Vec<Question> = (0..questions).map(|_| world::question(&mut random, &facts)).collect();
        if law(&facts, &questions).is_err() {
            let (facts, questions) = smallest(facts, questions, &law);
            let wrong = law(&facts, &questions).unwrap_err();
            let facts = serde_json::to_string_pretty(&facts).unwrap();
            panic!(
                "PORTCULLIS_SEED={seed}, world {number}: {wrong}\nin the world\n{facts}\nasked {questions:?}"
            );
        }
    }
}

/// Takes away whatever can be taken away so that the law is still broken.
fn smallest(
    mut facts: Facts,
    mut questions: Vec<Question>,
    law: &impl Fn(&Facts, &[Question]) -> Verdict,
) -> (Facts, Vec<Question>) {
    if let Some(one) = questions.iter().find(|one| law(&facts, std::slice::from_ref(*one)).is_err()) {
        questions = vec![one.clone()];
    }
    while let Some(smaller) = smaller(&facts).into_iter().find(|facts| law(facts, &questions).is_err()) {
        facts = smaller;
    }
    (facts, questions)
}

/// The same facts with one thing less, in every way.
fn smaller(facts: &Facts) -> Vec<Facts> {
    let mut all = Vec::new();
    let mut without = |take: &dyn Fn(&mut Facts)| {
        let mut less = facts.clone();
        take(&mut less);
        all.push(less);
    };
    (0..facts.records.len()).for_each(|i| without(&|less| drop(less.records.remove(i))));
    (0..facts.groups.len()).for_each(|i| without(&|less| drop(less.groups.remove(i))));
    (0..facts.deleted.len()).for_each(|i| without(&|less| drop(less.deleted.remove(i))));
    for (role, lines) in &facts.roles {
        without(&|less| drop(less.roles.remove(role)));
        (0..lines.len()).for_each(|i| without(&|less| drop(less.roles.get_mut(role).unwrap().remove(i))));
    }
    for uri in facts.resources.keys() {
        without(&|less| drop(less.resources.remove(uri)));
    }
    for (r, record) in facts.records.iter().enumerate() {
        if record.users.is_some() {
            without(&|less| less.records[r].users = None);
        }
        if record.groups.is_some() {
            without(&|less| less.records[r].groups = None);
        }
        for (s, statement) in record.statements.iter().enumerate() {
            if record.statements.len() > 1 {
                without(&|less| drop(less.records[r].statements.remove(s)));
            }
            for less in smaller_statements(statement) {
                without(&|facts| facts.records[r].statements[s] = less.clone());
            }
        }
    }
    all
}

fn smaller_statements(statement: &Statement) -> Vec<Statement> {
    let mut all = Vec::new();
    if statement.users.is_some() {
        all.push(Statement { users: None, ..statement.clone() });
    }
    if statement.groups.is_some() {
        all.push(Statement { groups: None, ..statement.clone() });
    }
    for index in 0..statement.roles.len() {
        let mut less = statement.clone();
        less.roles.remove(index);
        all.push(less);
    }
    for index in 0..statement.resources.len() {
        let mut less = statement.clone();
        less.resources.remove(index);
        all.push(less);
    }
    all.retain(|less| !less.roles.is_empty() && !less.resources.is_empty());
    all
}
