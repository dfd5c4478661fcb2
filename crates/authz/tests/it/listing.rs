//! Lists: the set of URIs for which check says yes.

use portcullis_authz::listing::{Collection, ResourceQuery};

use crate::engine::Engine;
use crate::oracle::{self, Bit, World};
use crate::world::{Question, mentioned};
use crate::worlds::{Verdict, in_every_world};

const ROOMY: usize = 1 << 20;

#[test]
fn az_11_a_list_is_what_the_rules_say() {
    in_every_world(10, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        for question in questions {
            let permission = question.narrowed.then_some(question.permission);
            let (user, query) = (question.user, &question.resource);
            let listed = engine.list(user, query, question.nested, permission);
            let expected = oracle::list(&world, user, query, question.nested, permission);
            if listed != expected {
                return Err(format!("{question:?}: listed {listed:?}, the rules say {expected:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn az_11_everything_listed_is_allowed() {
    in_every_world(8, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        for question in questions {
            let (user, permission) = (question.user, question.permission);
            for listed in engine.list(user, &question.resource, question.nested, Some(permission)) {
                if !oracle::check(&world, user, permission, &listed, Bit::Allow) {
                    return Err(format!("{listed} is listed, but check says no"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn az_11_everything_allowed_is_covered_by_what_is_listed() {
    in_every_world(16, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        for question in questions {
            is_listed(&world, &engine, question)?;
        }
        Ok(())
    });
}

fn is_listed(world: &World, engine: &Engine, question: &Question) -> Verdict {
    let (user, permission, resource) = (question.user, question.permission, &question.resource);
    if !oracle::check(world, user, permission, resource, Bit::Allow) {
        return Ok(());
    }
    let mut segments = oracle::segments(resource);
    let reserved = segments.first().is_some_and(|first| oracle::is_reserved(first));
    segments.pop();
    // A reserved tree is listed only when it is named.
    let query = match (segments.is_empty(), reserved) {
        (true, true) => return Ok(()),
        (false, _) if reserved || question.nested => segments.join("/"),
        _ => "*".to_owned(),
    };
    let listed = engine.list(user, &query, true, Some(permission));
    if listed.iter().any(|uri| oracle::resource_covers(uri, resource)) {
        return Ok(());
    }
    Err(format!("{permission} on {resource} is allowed, but the list of {query} is {listed:?}"))
}

#[test]
fn az_08_what_a_grant_and_a_query_have_in_common_covers_exactly_what_both_cover() {
    in_every_world(4, |facts, questions| {
        for question in questions {
            let query = ResourceQuery::parse(&question.resource, Collection::IncludeNested).unwrap();
            let pattern = oracle::query_pattern(&question.resource);
            for stored in mentioned(facts).into_iter().take(6) {
                let normal = oracle::segments(stored).join("/");
                let common = query.unify(&normal);
                for uri in concrete(stored, &pattern) {
                    let both =
                        oracle::resource_covers(stored, &uri) && oracle::resource_covers(&pattern, &uri);
                    let covered = common.as_ref().is_some_and(|one| oracle::resource_covers(one, &uri));
                    if covered != both {
                        return Err(format!(
                            "{stored} and {pattern} have {common:?} in common: {uri} is {both}, not {covered}"
                        ));
                    }
                }
            }
        }
        Ok(())
    });
}

/// URIs without wildcards at and around two patterns.
fn concrete(left: &str, right: &str) -> Vec<String> {
    let (left, right) = (oracle::segments(left), oracle::segments(right));
    let mut all = Vec::new();
    for name in ["a", "ns:a"] {
        for (ours, theirs) in [(&left, &right), (&right, &left)] {
            let longest = ours.len().max(theirs.len());
            let filled: Vec<String> = (0..=longest)
                .map(|index| match (ours.get(index), theirs.get(index)) {
                    (Some(one), Some(other)) if one == "*" => other.replace('*', name),
                    (Some(one), _) => one.replace('*', name),
                    (None, Some(other)) => other.replace('*', name),
                    (None, None) => name.to_owned(),
                })
                .collect();
            all.extend((1..=filled.len()).map(|depth| filled[..depth].join("/")));
        }
    }
    all.push("/".to_owned());
    all
}
