//! An explanation has the decision of the check, and whatever it names is true.

use portcullis_types::{Allowed, Explanation, Missing, NearMiss, ViaKind};

use crate::engine::Engine;
use crate::oracle::{self, Bit, Statement, World};
use crate::world::Question;
use crate::worlds::{Verdict, in_every_world};

const ROOMY: usize = 1 << 20;

#[test]
fn an_explanation_decides_as_the_check_and_names_only_what_is_true() {
    in_every_world(14, |facts, questions| {
        let (world, engine) = (World::of(facts), Engine::of(facts, ROOMY));
        for question in questions {
            let told = engine.explain(question.user, question.permission, &question.resource);
            is_true(&world, question, &told).map_err(|wrong| format!("{wrong}: {told:?}"))?;
        }
        Ok(())
    });
}

fn is_true(world: &World, question: &Question, told: &Explanation) -> Verdict {
    let (user, permission, resource) = (question.user, question.permission, &question.resource);
    let allowed = oracle::check(world, user, permission, resource, Bit::Allow);
    if (told.decision == "allow") != allowed || !matches!(told.decision.as_str(), "allow" | "deny") {
        return Err(format!("the rules say {allowed}"));
    }
    if told.principal != user || told.permission != permission || told.resource != *resource {
        return Err("it is about another question".to_owned());
    }
    if told.reason.is_empty() || told.nearest.len() > 10 {
        return Err("no reason, or too many near misses".to_owned());
    }
    match (&told.allowed_by, allowed) {
        (Some(by), true) if told.nearest.is_empty() => allows_alone(world, question, by),
        (None, false) => {
            told.nearest.iter().try_for_each(|miss| is_near(world, question, miss))?;
            is_complete(world, question, &told.nearest)
        }
        _ => Err("allowedBy and nearest do not fit the decision".to_owned()),
    }
}

/// The statement that is named, and whether its record is deleted.
fn named<'a>(
    world: &'a World,
    record_id: Option<&String>,
    statement: Option<u32>,
) -> Result<(&'a Statement, bool), String> {
    let record = world.records.iter().find(|record| Some(&record.id) == record_id);
    record
        .and_then(|record| Some((record.statements.get(usize::try_from(statement?).ok()?)?, record.deleted)))
        .ok_or_else(|| format!("no statement {statement:?} in record {record_id:?}"))
}

/// The resource URI and the role, if they are the statement's.
fn narrowed(statement: &Statement, uri: Option<&String>, role: Option<&String>) -> Result<(), String> {
    let is_its = statement.resources.iter().any(|written| match oracle::segments(written).join("/") {
        root if root.is_empty() => uri.is_some_and(|uri| uri == "/"),
        normal => uri == Some(&normal),
    });
    if is_its && role.is_some_and(|role| statement.roles.contains(role)) {
        Ok(())
    } else {
        Err(format!("{uri:?} or {role:?} is not in the statement"))
    }
}

fn allows_alone(world: &World, question: &Question, by: &Allowed) -> Verdict {
    let (user, permission, resource) = (question.user, question.permission, &question.resource);
    let mut alone = World { roles: world.roles.clone(), ..World::default() };
    if by.via.kind == ViaKind::Public {
        let named = (&by.record_id, by.statement, &by.role_id, &by.via.group_id);
        if named != (&None, None, &None, &None) {
            return Err("PUBLIC has no record".to_owned());
        }
        let public = world
            .public
            .iter()
            .filter(|(uri, public)| **public && oracle::segments(uri) == oracle::segments(&by.resource_uri));
        alone.public = public.map(|(uri, public)| (uri.clone(), *public)).collect();
    } else {
        let (statement, deleted) = named(world, by.record_id.as_ref(), by.statement)?;
        narrowed(statement, Some(&by.resource_uri), by.role_id.as_ref())?;
        let mut only = Statement {
            users: Vec::new(),
            groups: Vec::new(),
            roles: by.role_id.iter().cloned().collect(),
            resources: vec![by.resource_uri.clone()],
        };
        if let Some(group) = &by.via.group_id {
            only.groups = statement.groups.iter().filter(|id| *id == group).cloned().collect();
            alone.groups = world.groups.clone();
        } else {
            only.users = statement.users.clone();
        }
        if (by.via.kind == ViaKind::Group) != by.via.group_id.is_some() {
            return Err("via does not fit".to_owned());
        }
        alone.records = vec![oracle::Record { id: "only".into(), deleted, statements: vec![only] }];
    }
    if oracle::check(&alone, user, permission, resource, Bit::Allow) {
        Ok(())
    } else {
        Err("what is named does not allow on its own".to_owned())
    }
}

fn is_near(world: &World, question: &Question, miss: &NearMiss) -> Verdict {
    let (statement, deleted) = named(world, miss.record_id.as_ref(), miss.statement)?;
    narrowed(statement, miss.resource_uri.as_ref(), miss.role_id.as_ref())?;
    let (uri, role) = (miss.resource_uri.as_deref().unwrap(), miss.role_id.as_deref().unwrap());
    let is_for = oracle::statement_is_for(world, statement, question.user);
    let covers = oracle::resource_covers(uri, &question.resource);
    let holds = oracle::role_holds(world, role, question.permission, Bit::Allow);
    let expected = match miss.missing {
        Missing::Permission => (true, true, false, false),
        Missing::Resource => (true, false, true, false),
        Missing::Principal => (false, true, true, false),
        Missing::Deleted => (true, true, true, true),
        Missing::Token => return Err("nobody asked about a token".to_owned()),
    };
    if (is_for, covers, holds, deleted) == expected {
        Ok(())
    } else {
        Err(format!("{miss:?} is not near: principal {is_for}, resource {covers}, role {holds}"))
    }
}

/// A kind of near miss that exists is told, as long as there is room.
fn is_complete(world: &World, question: &Question, nearest: &[NearMiss]) -> Verdict {
    if nearest.len() == 10 {
        return Ok(());
    }
    let exists = |missing: Missing| {
        let statements = world.records.iter().flat_map(|r| r.statements.iter().map(|s| (s, r.deleted)));
        statements.into_iter().any(|(statement, deleted)| {
            let is_for = oracle::statement_is_for(world, statement, question.user);
            let covers = statement.resources.iter().any(|u| oracle::resource_covers(u, &question.resource));
            let holds = statement
                .roles
                .iter()
                .any(|role| oracle::role_holds(world, role, question.permission, Bit::Allow));
            match missing {
                Missing::Permission => !deleted && is_for && covers,
                Missing::Resource => !deleted && is_for && holds,
                Missing::Principal => !deleted && !is_for && covers && holds,
                Missing::Deleted | Missing::Token => deleted && is_for && covers && holds,
            }
        })
    };
    for missing in [Missing::Permission, Missing::Deleted, Missing::Resource, Missing::Principal] {
        if exists(missing) != nearest.iter().any(|miss| miss.missing == missing) {
            return Err(format!("{missing:?} exists: {}, but the list says otherwise", exists(missing)));
        }
    }
    let order = |miss: &NearMiss| match miss.missing {
        Missing::Permission => 0,
        Missing::Deleted => 1,
        Missing::Resource => 2,
        Missing::Principal | Missing::Token => 3,
    };
    if nearest.is_sorted_by_key(order) { Ok(()) } else { Err("not closest first".to_owned()) }
}
