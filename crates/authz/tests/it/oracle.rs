//! The rules, once more, in the plainest words: no hashing, no index, no cache, nothing shared with the engine or the
//! domain. Everything is looked at, every time. Where this and the engine differ, one of them is wrong.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::{Facts, Permission, ResourceAction};

/// Everything that is stored.
#[derive(Clone, Debug, Default)]
pub struct World {
    /// Role id → its lines. The built-in roles are in it.
    pub roles: BTreeMap<String, Vec<Permission>>,
    /// Group id → its members.
    pub groups: BTreeMap<String, Vec<String>>,
    pub records: Vec<Record>,
    /// URI → whether it is public.
    pub public: BTreeMap<String, bool>,
}

#[derive(Clone, Debug)]
pub struct Record {
    pub id: String,
    pub deleted: bool,
    pub statements: Vec<Statement>,
}

/// A statement with the principals that count for it.
#[derive(Clone, Debug)]
pub struct Statement {
    pub users: Vec<String>,
    pub groups: Vec<String>,
    pub roles: Vec<String>,
    pub resources: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bit {
    Allow,
    Grant,
    Delegate,
}

/// The three bits of one action.
pub type Bits = (bool, bool, bool);

impl World {
    pub fn of(facts: &Facts) -> Self {
        let line = |action: &str, all: bool| Permission {
            action: action.into(),
            allow: true,
            grant: all,
            delegate: all,
        };
        let mut roles = facts.roles.clone();
        roles.insert("Authress:Owner".into(), vec![line("*", true)]);
        roles.insert("Authress:ReadResource".into(), vec![line("READ", false)]);
        roles.insert("Authress:AuthenticateUser".into(), vec![line("Authress:AuthenticateUser", false)]);
        let groups = facts
            .groups
            .iter()
            .map(|group| (group.group_id.clone(), group.users.iter().map(|u| u.user_id.clone()).collect()))
            .collect();
        let records = facts.records.iter().map(|record| record_of(record, &facts.deleted)).collect();
        let public = facts
            .resources
            .iter()
            .map(|(uri, lines)| {
                let mut about = lines.iter().filter(|line| line.action == ResourceAction::Public).peekable();
                (uri.clone(), about.peek().is_some() && about.all(|line| line.allow))
            })
            .collect();
        Self { roles, groups, records, public }
    }
}

fn record_of(record: &crate::scenario::Record, deleted: &[String]) -> Record {
    let statements = record.statements.iter().map(|statement| {
        let own_users = statement.users.clone().unwrap_or_default();
        let own_groups = statement.groups.clone().unwrap_or_default();
        // Principals of a statement replace those of the record.
        let (users, groups) = if own_users.is_empty() && own_groups.is_empty() {
            (record.users.clone().unwrap_or_default(), record.groups.clone().unwrap_or_default())
        } else {
            (own_users, own_groups)
        };
        Statement {
            users: users.into_iter().map(|user| user.user_id).collect(),
            groups: groups.into_iter().map(|group| group.group_id).collect(),
            roles: statement.roles.clone(),
            resources: statement.resources.iter().map(|resource| resource.resource_uri.clone()).collect(),
        }
    });
    Record {
        id: record.record_id.clone(),
        deleted: deleted.contains(&record.record_id),
        statements: statements.collect(),
    }
}

/// Whether `user` holds `permission` on `resource` in `bit`.
pub fn check(world: &World, user: &str, permission: &str, resource: &str, bit: Bit) -> bool {
    let by_record = world
        .records
        .iter()
        .filter(|record| !record.deleted)
        .flat_map(|record| &record.statements)
        .any(|statement| statement_allows(world, statement, user, permission, resource, bit));
    let by_everybody = bit == Bit::Allow
        && world.public.iter().any(|(uri, public)| *public && resource_covers(uri, resource));
    by_record || by_everybody
}

#[allow(clippy::too_many_arguments, reason = "a question has four parts")]
pub fn statement_allows(
    world: &World,
    statement: &Statement,
    user: &str,
    permission: &str,
    resource: &str,
    bit: Bit,
) -> bool {
    statement_is_for(world, statement, user)
        && statement.resources.iter().any(|pattern| resource_covers(pattern, resource))
        && statement.roles.iter().any(|role| role_holds(world, role, permission, bit))
}

pub fn statement_is_for(world: &World, statement: &Statement, user: &str) -> bool {
    let named = statement.users.iter().any(|named| same_principal(named, user));
    named || statement.groups.iter().any(|group| is_member(world, group, user))
}

/// Groups are flat: a group among the members is nobody.
pub fn is_member(world: &World, group: &str, user: &str) -> bool {
    world.groups.get(group).is_some_and(|members| members.iter().any(|member| same_principal(member, user)))
}

/// A service client may be written in two ways.
pub fn same_principal(left: &str, right: &str) -> bool {
    let plain = |id: &str| id.strip_prefix("Authress:ServiceClients/").unwrap_or(id).to_owned();
    plain(left) == plain(right)
}

/// An unknown role holds nothing.
pub fn role_holds(world: &World, role: &str, permission: &str, bit: Bit) -> bool {
    world.roles.get(role).is_some_and(|lines| {
        lines.iter().any(|line| {
            let has_bit = match bit {
                Bit::Allow => line.allow,
                Bit::Grant => line.grant,
                Bit::Delegate => line.delegate,
            };
            has_bit && action_covers(&line.action, permission)
        })
    })
}

/// Whether an action that is held covers the one that is asked: its parts are the first parts of the asked one.
pub fn action_covers(held: &str, asked: &str) -> bool {
    let (held, asked) = (action_parts(held), action_parts(asked));
    held.len() <= asked.len() && held.iter().zip(&asked).all(|(held, asked)| held == "*" || held == asked)
}

/// The parts, lower-cased, without stars at the end: `x:*` is `x`, and `*` has no part at all.
fn action_parts(action: &str) -> Vec<String> {
    let mut parts: Vec<String> = action.to_lowercase().split(':').map(str::to_owned).collect();
    while parts.last().is_some_and(|last| last == "*") {
        parts.pop();
    }
    parts
}

/// Whether a granted URI covers the one that is asked.
pub fn resource_covers(granted: &str, asked: &str) -> bool {
    let (granted, asked) = (segments(granted), segments(asked));
    let asks_reserved = asked.first().is_some_and(|first| is_reserved(first));
    let begins_wild = granted.first().is_none_or(|first| first == "*" || first.starts_with("*:"));
    if asks_reserved && begins_wild {
        return false;
    }
    if granted == ["*"] {
        return true;
    }
    granted.len() <= asked.len()
        && granted.iter().zip(&asked).all(|(granted, asked)| segment_covers(granted, asked))
}

pub fn is_reserved(first_segment: &str) -> bool {
    first_segment.starts_with("Authress:") || first_segment.starts_with("Portcullis:")
}

fn segment_covers(granted: &str, asked: &str) -> bool {
    if granted == "*" {
        return true;
    }
    let granted: Vec<&str> = granted.split(':').collect();
    let asked: Vec<&str> = asked.split(':').collect();
    granted.len() == asked.len() && granted.iter().zip(&asked).all(|(g, a)| *g == "*" || g == a)
}

/// The segments of a URI; one `/` before and one behind do not matter. The root has none.
pub fn segments(uri: &str) -> Vec<String> {
    let uri = uri.strip_prefix('/').unwrap_or(uri);
    let uri = uri.strip_suffix('/').unwrap_or(uri);
    if uri.is_empty() { Vec::new() } else { uri.split('/').map(str::to_owned).collect() }
}

/// What `user` may do on `resource`: every action of every role that reaches it, lower-cased, with the bits of all.
pub fn permissions_of(world: &World, user: &str, resource: &str) -> BTreeMap<String, Bits> {
    let mut union: BTreeMap<String, Bits> = BTreeMap::new();
    let mut add = |action: &str, bits: Bits| {
        let known = union.entry(action.to_lowercase()).or_default();
        *known = (known.0 | bits.0, known.1 | bits.1, known.2 | bits.2);
    };
    for record in world.records.iter().filter(|record| !record.deleted) {
        for statement in &record.statements {
            let reaches = statement.resources.iter().any(|pattern| resource_covers(pattern, resource));
            if !reaches || !statement_is_for(world, statement, user) {
                continue;
            }
            for line in statement.roles.iter().filter_map(|role| world.roles.get(role)).flatten() {
                add(&line.action, (line.allow, line.grant, line.delegate));
            }
        }
    }
    if world.public.iter().any(|(uri, public)| *public && resource_covers(uri, resource)) {
        add("*", (true, false, false));
    }
    union
}

/// The resources that `user` has access to: what every stored one has in common with the query, where the user is allowed
/// `permission`, or anything.
pub fn list(
    world: &World,
    user: &str,
    query: &str,
    nested: bool,
    permission: Option<&str>,
) -> BTreeSet<String> {
    let by_records = world
        .records
        .iter()
        .filter(|record| !record.deleted)
        .flat_map(|record| &record.statements)
        .filter(|statement| statement_is_for(world, statement, user))
        .flat_map(|statement| &statement.resources);
    let by_everybody = world.public.iter().filter(|(_, public)| nested && **public).map(|(uri, _)| uri);
    by_records
        .chain(by_everybody)
        .filter_map(|stored| common(stored, query, nested))
        .filter(|uri| match permission {
            Some(permission) => check(world, user, permission, uri, Bit::Allow),
            None => permissions_of(world, user, uri).values().any(|(allow, ..)| *allow),
        })
        .collect()
}

/// The pattern that a query means: what is below its URI.
pub fn query_pattern(query: &str) -> String {
    let mut segments = segments(query);
    if segments.last().is_none_or(|last| last != "*") {
        segments.push("*".into());
    }
    segments.join("/")
}

/// The widest pattern that both a stored URI and a query cover.
pub fn common(stored: &str, query: &str, nested: bool) -> Option<String> {
    let (mut stored, mut query) = (segments(stored), segments(&query_pattern(query)));
    let is_child = stored.len() == query.len() && stored.last().is_some_and(|last| last != "*");
    if !nested && !is_child {
        return None;
    }
    let begins_wild =
        |uri: &[String]| uri.first().is_none_or(|first| first == "*" || first.starts_with("*:"));
    let reserved = |uri: &[String]| uri.first().is_some_and(|first| is_reserved(first));
    if (begins_wild(&stored) && reserved(&query)) || (begins_wild(&query) && reserved(&stored)) {
        return None;
    }
    // A URI covers what is below it: as many stars may be added as wanted. `*` alone is the root.
    if stored == ["*"] {
        stored.clear();
    }
    let len = stored.len().max(query.len());
    stored.resize(len, "*".into());
    query.resize(len, "*".into());
    let both: Option<Vec<String>> = stored.iter().zip(&query).map(|(s, q)| common_segment(s, q)).collect();
    both.map(|segments| segments.join("/"))
}

fn common_segment(left: &str, right: &str) -> Option<String> {
    if left == "*" || right == "*" {
        return Some(if left == "*" { right } else { left }.to_owned());
    }
    let (left, right): (Vec<&str>, Vec<&str>) = (left.split(':').collect(), right.split(':').collect());
    if left.len() != right.len() {
        return None;
    }
    let part = |(l, r): (&&str, &&str)| match (*l, *r) {
        ("*", other) | (other, "*") => Some(other.to_owned()),
        (l, r) => (l == r).then(|| l.to_owned()),
    };
    let parts: Option<Vec<String>> = left.iter().zip(&right).map(part).collect();
    parts.map(|parts| parts.join(":"))
}

/// The roles that `user` was given on exactly `resource`, not above and not below.
pub fn explicit_roles(world: &World, user: &str, resource: &str) -> BTreeSet<String> {
    world
        .records
        .iter()
        .filter(|record| !record.deleted)
        .flat_map(|record| &record.statements)
        .filter(|statement| statement_is_for(world, statement, user))
        .filter(|statement| statement.resources.iter().any(|uri| segments(uri) == segments(resource)))
        .flat_map(|statement| statement.roles.iter().cloned())
        .collect()
}
