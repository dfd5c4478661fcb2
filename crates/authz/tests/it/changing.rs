//! What must not change an answer, and in which direction a change may go.

use std::collections::BTreeMap;

use crate::engine::{Engine, bits};
use crate::scenario::{Facts, LinkedGroup, User};
use crate::world::Question;
use crate::worlds::in_every_world;

const ROOMY: usize = 1 << 20;

fn answers(facts: &Facts, questions: &[Question]) -> Vec<bool> {
    let engine = Engine::of(facts, ROOMY);
    let ask = |q: &Question| engine.allows(q.user, q.permission, &q.resource, bits(q.bit));
    questions.iter().map(ask).collect()
}

/// What the whole API answers about a world, spelling included.
fn everything(facts: &Facts, questions: &[Question]) -> Vec<String> {
    let engine = Engine::of(facts, ROOMY);
    let ask = |q: &Question| {
        let permission = q.narrowed.then_some(q.permission);
        format!(
            "{} {:?} {:?}",
            engine.allows(q.user, q.permission, &q.resource, bits(q.bit)),
            engine.permissions_of(q.user, &q.resource),
            engine.list(q.user, &q.resource, q.nested, permission),
        )
    };
    questions.iter().map(ask).collect()
}

#[test]
fn az_06_the_order_of_records_and_of_what_is_in_them_is_irrelevant() {
    in_every_world(6, |facts, questions| {
        let mut other = facts.clone();
        other.records.reverse();
        other.groups.reverse();
        for statement in other.records.iter_mut().flat_map(|record| &mut record.statements) {
            statement.roles.reverse();
            statement.resources.reverse();
        }
        let (before, after) = (everything(facts, questions), everything(&other, questions));
        if before == after { Ok(()) } else { Err(format!("{before:?}, in another order {after:?}")) }
    });
}

#[test]
fn adding_a_record_never_takes_an_allow_away() {
    in_every_world(8, |facts, questions| {
        let with = answers(facts, questions);
        for index in 0..facts.records.len().min(3) {
            let mut less = facts.clone();
            let record = less.records.remove(index);
            let lost = answers(&less, questions).into_iter().zip(&with).any(|(less, with)| less && !with);
            if lost {
                return Err(format!("adding {} took an allow away", record.record_id));
            }
        }
        Ok(())
    });
}

/// Other names, and in another order, for everything that is only a name.
struct Renaming(BTreeMap<&'static str, &'static str>);

impl Renaming {
    fn new() -> Self {
        Self(BTreeMap::from([
            ("u1", "u3"),
            ("u2", "u1"),
            ("u3", "Authress"),
            ("U1", "u2"),
            ("sc_1", "a"),
            ("grp_1", "grp_3"),
            ("grp_2", "grp_1"),
            ("grp_3", "grp_u1"),
            ("r1", "r2"),
            ("r2", "R1"),
            ("r3", "Authress:Other"),
            ("R1", "r1"),
            ("rec_0", "rec_2"),
            ("rec_1", "rec_0"),
            ("rec_2", "rec_1"),
        ]))
    }

    fn name(&self, id: &str) -> String {
        match id.strip_prefix("Authress:ServiceClients/") {
            Some(client) => format!("Authress:ServiceClients/{}", self.name(client)),
            None => self.0.get(id).map_or_else(|| id.to_owned(), |renamed| (*renamed).to_owned()),
        }
    }

    fn users(&self, users: &mut [User]) {
        users.iter_mut().for_each(|user| user.user_id = self.name(&user.user_id));
    }

    fn groups(&self, groups: &mut [LinkedGroup]) {
        groups.iter_mut().for_each(|group| group.group_id = self.name(&group.group_id));
    }

    fn facts(&self, facts: &Facts) -> Facts {
        let mut renamed = facts.clone();
        renamed.roles = facts.roles.iter().map(|(id, lines)| (self.name(id), lines.clone())).collect();
        renamed.deleted.iter_mut().for_each(|id| *id = self.name(id));
        for group in &mut renamed.groups {
            group.group_id = self.name(&group.group_id);
            self.users(&mut group.users);
        }
        for record in &mut renamed.records {
            record.record_id = self.name(&record.record_id);
            self.users(record.users.as_deref_mut().unwrap_or_default());
            self.groups(record.groups.as_deref_mut().unwrap_or_default());
            for statement in &mut record.statements {
                statement.roles.iter_mut().for_each(|id| *id = self.name(id));
                self.users(statement.users.as_deref_mut().unwrap_or_default());
                self.groups(statement.groups.as_deref_mut().unwrap_or_default());
            }
        }
        renamed
    }
}

#[test]
fn az_06_names_of_users_groups_roles_and_records_are_only_names() {
    let renaming = Renaming::new();
    in_every_world(12, |facts, questions| {
        let renamed = Engine::of(&renaming.facts(facts), ROOMY);
        for (question, before) in questions.iter().zip(answers(facts, questions)) {
            let user = renaming.name(question.user);
            let after = renamed.allows(&user, question.permission, &question.resource, bits(question.bit));
            if after != before {
                return Err(format!("{before}, but {after} once {} is called {user}", question.user));
            }
        }
        Ok(())
    });
}
