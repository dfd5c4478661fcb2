//! Checks and permissions: the engine's answers are those of the brute-force evaluator.

use portcullis_authz::{AskedPath, Bits, Decision, Holder, Unwatched};
use portcullis_domain::principal_id;

use crate::engine::{Engine, bits};
use crate::oracle::{self, Bit, World};
use crate::worlds::in_every_world;

const ROOMY: usize = 1 << 20;
/// Not even two sets fit: every new one drives another out.
const TINY: usize = 1;

#[test]
fn az_05_az_06_az_07_az_08_az_09_every_check_is_answered_as_the_rules_say() {
    in_every_world(24, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        for question in questions {
            let (user, permission, resource) = (question.user, question.permission, &question.resource);
            let expected = oracle::check(&world, user, permission, resource, question.bit);
            let answer = engine.allows(user, permission, resource, bits(question.bit));
            if answer != expected {
                return Err(format!("{question:?}: answered {answer}, the rules say {expected}"));
            }
        }
        Ok(())
    });
}

#[test]
fn az_06_an_answer_does_not_depend_on_whether_it_comes_from_the_cache() {
    in_every_world(12, |facts, questions| {
        let (roomy, tiny) = (Engine::of(facts, ROOMY), Engine::of(facts, TINY));
        for question in questions {
            let user = principal_id(question.user);
            let (permission, bits) = (question.permission, bits(question.bit));
            let path = AskedPath::parse(roomy.decider.key(), &question.resource).unwrap();
            let grants = roomy.load(user);
            let loaded = roomy.decider.decide_loaded(&grants, &path, permission, bits, &mut Unwatched);
            let cached = roomy.decider.decide(Holder::User(user), &path, permission, bits);
            let evicted = tiny.allows(user, permission, &question.resource, bits);
            if cached != loaded || evicted != (loaded == Decision::Allow) {
                return Err(format!("loaded {loaded:?}, cached {cached:?}, tiny cache {evicted}"));
            }
            if tiny.decider.cache().size().0 > 1 {
                return Err("the tiny cache holds more than one set".to_owned());
            }
        }
        Ok(())
    });
}

#[test]
fn az_05_what_is_not_loaded_is_never_allowed() {
    in_every_world(4, |facts, questions| {
        let engine = Engine::of(facts, ROOMY);
        for question in questions {
            let path = AskedPath::parse(engine.decider.key(), &question.resource).unwrap();
            for holder in [Holder::User(question.user), Holder::Group("grp_1"), Holder::Token("t")] {
                let decided = engine.decider.decide(holder, &path, question.permission, Bits::ALLOW);
                if decided != Decision::NotLoaded {
                    return Err(format!("{holder:?} was never loaded, yet {decided:?}"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn az_05_without_one_of_the_groups_there_is_the_full_answer_or_none() {
    in_every_world(6, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        for (question, group) in questions.iter().zip(["grp_1", "grp_2", "grp_3"].iter().cycle()) {
            let (user, permission) = (principal_id(question.user), question.permission);
            let path = AskedPath::parse(engine.decider.key(), &question.resource).unwrap();
            engine.load(user);
            engine.decider.forget(Holder::Group(group));
            let decided = engine.decider.decide(Holder::User(user), &path, permission, bits(question.bit));
            let expected = oracle::check(&world, user, permission, &question.resource, question.bit);
            if decided != Decision::NotLoaded && (decided == Decision::Allow) != expected {
                return Err(format!("without {group} in memory {decided:?}, the rules say {expected}"));
            }
        }
        Ok(())
    });
}

#[test]
fn the_bits_are_independent_and_handing_out_allow_takes_grant_or_delegate() {
    in_every_world(12, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        for question in questions {
            let (user, permission, resource) = (question.user, question.permission, &question.resource);
            let holds = |bit| oracle::check(&world, user, permission, resource, bit);
            for (asked, expected) in [
                (Bits::ALLOW, holds(Bit::Allow)),
                (Bits::HAND_OUT_ALLOW, holds(Bit::Grant) || holds(Bit::Delegate)),
                (Bits::HAND_OUT_ALL, holds(Bit::Delegate)),
            ] {
                if engine.allows(user, permission, resource, asked) != expected {
                    return Err(format!("{asked:?}: the rules say {expected}"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn the_permissions_on_a_resource_are_the_union_of_every_role_that_reaches_it() {
    in_every_world(12, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        for question in questions {
            let union = engine.permissions_of(question.user, &question.resource);
            let lines: Vec<_> = union
                .iter()
                .map(|line| (line.action.to_lowercase(), (line.allow, line.grant, line.delegate)))
                .collect();
            // Compared in order: sorted, and one line an action.
            let expected: Vec<_> =
                oracle::permissions_of(&world, question.user, &question.resource).into_iter().collect();
            if lines != expected {
                return Err(format!("answered {lines:?}, the rules say {expected:?}"));
            }
        }
        Ok(())
    });
}

/// How often something happened in so many tries, in percent.
fn percent(happened: usize, tries: usize) -> usize {
    happened * 100 / tries.max(1)
}

#[test]
fn the_random_worlds_ask_what_is_worth_asking() {
    let counts = std::cell::RefCell::new([0usize; 5]);
    in_every_world(10, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        let [tries, allowed, wild, reserved, listed] = &mut *counts.borrow_mut();
        for question in questions {
            let (user, permission, resource) = (question.user, question.permission, &question.resource);
            *tries += 1;
            *allowed += usize::from(oracle::check(&world, user, permission, resource, question.bit));
            *listed += usize::from(!engine.list(user, resource, true, None).is_empty());
            *wild += usize::from(resource.contains('*'));
            *reserved +=
                usize::from(oracle::segments(resource).first().is_some_and(|s| oracle::is_reserved(s)));
        }
        Ok(())
    });
    let [tries, allowed, wild, reserved, listed] = counts.into_inner();
    if tries < 2_000 {
        return; // Too few to say anything about shares.
    }
    let shares = [allowed, wild, reserved, listed].map(|count| percent(count, tries));
    for (share, least) in shares.into_iter().zip([8, 15, 3, 15]) {
        assert!((least..=85).contains(&share), "allowed, wild, reserved, listed: {shares:?}");
    }
}
