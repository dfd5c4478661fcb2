//! The scenarios of `scenarios/`, through the pure engine and through the brute-force evaluator.
//!
//! `roles` and `users` are about stored rows: the engine has no such question. Here only the evaluator looks at them, so that
//! a wrong expectation is found early; the runners that have a store ask them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::engine::Engine;
use crate::oracle::{self, Bit, World};
use crate::scenario::{Answer, Collection, Permission, Scenario, load_all};

fn scenarios() -> Vec<(String, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    load_all(&folder).unwrap_or_else(|error| panic!("{error}"))
}

/// Runs `part` on every scenario and shows everything that is wrong at once.
fn in_every_scenario(part: impl Fn(&Scenario, &Engine, &World, &mut Vec<String>)) {
    let mut wrong = Vec::new();
    for (name, scenario) in scenarios() {
        let (engine, world) = (Engine::of(&scenario.facts, 1 << 20), World::of(&scenario.facts));
        let mut found = Vec::new();
        part(&scenario, &engine, &world, &mut found);
        wrong.extend(found.into_iter().map(|found| format!("{name} ({}): {found}", scenario.rule)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_of_the_scenarios_is_answered_as_written() {
    in_every_scenario(|scenario, engine, world, wrong| {
        for check in &scenario.checks {
            let (user, permission, resource) = (&check.user, &check.permission, &check.resource);
            let expected = check.answer == Answer::Allow;
            let answer = engine.allows(user, permission, resource, portcullis_authz::Bits::ALLOW);
            if answer != expected {
                wrong.push(format!("{check:?}: the engine says {answer}"));
            }
            if oracle::check(world, user, permission, resource, Bit::Allow) != expected {
                wrong.push(format!("{check:?}: the evaluator says otherwise"));
            }
            let told = engine.explain(user, permission, resource);
            let differs = check.because.as_ref().is_some_and(|because| !because.is_told_by(&told));
            if (told.decision == "allow") != expected || differs {
                wrong.push(format!("{check:?}: explained as {told:?}"));
            }
        }
    });
}

#[test]
fn the_permissions_of_the_scenarios_are_as_written() {
    in_every_scenario(|scenario, engine, _, wrong| {
        let lower = |line: &Permission| Permission { action: line.action.to_lowercase(), ..line.clone() };
        for question in &scenario.permissions {
            let expected: BTreeSet<Permission> = question.expect.iter().map(lower).collect();
            let answer = engine.permissions_of(&question.user, &question.resource);
            let answer: BTreeSet<Permission> = answer
                .into_iter()
                .map(|line| Permission {
                    action: line.action.to_lowercase(),
                    allow: line.allow,
                    grant: line.grant,
                    delegate: line.delegate,
                })
                .collect();
            if answer != expected {
                wrong.push(format!("{question:?}: the engine says {answer:?}"));
            }
        }
    });
}

#[test]
fn az_11_the_lists_of_the_scenarios_are_as_written() {
    in_every_scenario(|scenario, engine, world, wrong| {
        for question in &scenario.resources {
            let (user, query, permission) = (&question.user, &question.query, question.permission.as_deref());
            let nested = question.collection == Collection::IncludeNested;
            let listed = echoed(query, engine.list(user, query, nested, permission));
            if !listed.iter().eq(&question.expect) {
                wrong.push(format!("{question:?}: the engine lists {listed:?}"));
            }
            let listed = echoed(query, oracle::list(world, user, query, nested, permission));
            if !listed.iter().eq(&question.expect) {
                wrong.push(format!("{question:?}: the evaluator lists {listed:?}"));
            }
        }
    });
}

/// A listed pattern that is the query itself is written as the query was.
fn echoed(query: &str, listed: BTreeSet<String>) -> BTreeSet<String> {
    let written = |uri: String| if oracle::segments(query).join("/") == uri { query.to_owned() } else { uri };
    listed.into_iter().map(written).collect()
}

#[test]
fn the_explicit_roles_of_the_scenarios_follow_from_their_facts() {
    in_every_scenario(|scenario, _, world, wrong| {
        let is = |user: &str, resource: &str, expected: &[String]| {
            oracle::explicit_roles(world, user, resource) == expected.iter().cloned().collect()
        };
        for question in &scenario.roles {
            if !is(&question.user, &question.resource, &question.expect) {
                wrong.push(format!("{question:?}"));
            }
        }
        let statements = world.records.iter().flat_map(|record| &record.statements);
        let named: BTreeSet<&String> = statements.flat_map(|statement| &statement.users).collect();
        for question in &scenario.users {
            let none = Vec::new();
            for user in named.iter().copied().chain(question.expect.keys()) {
                let expected = question.expect.get(user).unwrap_or(&none);
                if !is(user, &question.resource, expected) {
                    wrong.push(format!("{question:?}: {user}"));
                }
            }
        }
    });
}

#[test]
fn there_are_scenarios_each_asks_something_and_each_rule_is_said_once() {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 25, "{}", scenarios.len());
    let mut rules = BTreeSet::new();
    for (name, scenario) in &scenarios {
        let questions = scenario.checks.len()
            + scenario.permissions.len()
            + scenario.roles.len()
            + scenario.resources.len()
            + scenario.users.len();
        assert!(questions > 0, "{name} asks nothing");
        assert!(rules.insert(&scenario.rule), "{name} repeats the rule of another file");
        let well_formed = |id: &String| id.starts_with("AZ-") && id.len() == 5;
        assert!(scenario.proves.iter().all(well_formed), "{name} proves {:?}", scenario.proves);
    }
}
