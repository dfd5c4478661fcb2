//! Random facts from a seed. The alphabets are small, so that names collide and nearly collide all the time.

use crate::scenario::{
    Facts, Group, LinkedGroup, Permission, Record, Resource, ResourceAction, ResourcePermission, Statement,
    User,
};

/// SplitMix64: the same numbers from the same seed, on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// The last two are one principal; a group's id as a user's id is nobody's membership.
pub const USERS: [&str; 7] = ["u1", "u2", "u3", "U1", "grp_1", "sc_1", "Authress:ServiceClients/sc_1"];
const GROUPS: [&str; 4] = ["grp_1", "grp_2", "grp_3", "grp_unknown"];
const ROLES: [&str; 4] = ["r1", "r2", "r3", "R1"];
const GIVEN_ROLES: [&str; 8] =
    ["r1", "r2", "r3", "R1", "unknown", "Authress:Owner", "Authress:ReadResource", "r1"];
const SEGMENTS: [&str; 20] = [
    "a", "a", "a", "b", "b", "A", "*", "*", "ab", "..", ".", "ns:a", "ns:b", "ns:*", "*:a", "ns:a:b",
    "ns:*:b", "a:", "ns", "*:*",
];
const FIRST_SEGMENTS: [&str; 8] = [
    "Authress:X",
    "Authress:*",
    "Authress:X:Y",
    "Portcullis:X",
    "Portcullis:*",
    "Authress",
    "authress:X",
    "AuthressX",
];
const HELD_ACTIONS: [&str; 16] = [
    "*", "a", "A", "a:b", "a:*", "A:B", "b", "ab", "a:b:c", "a:*:c", "*:b", "*:*:c", "a:*:*", "a:b:*:d",
    "READ", "b:*:b",
];
const ASKED_ACTIONS: [&str; 20] = [
    "*", "a", "A", "a:b", "a:*", "a:B", "b", "ab", "a:b:c", "a:*:c", "a:x:c", "*:b", "b:b", "a:b:c:d",
    "a:b:x", "read", "READ:x", "*:*", "b:a:b", "a:*:c:d",
];

/// One question about a world.
#[derive(Clone, Debug)]
pub struct Question {
    pub user: &'static str,
    pub permission: &'static str,
    pub resource: String,
    pub bit: crate::oracle::Bit,
    pub nested: bool,
    /// Whether a list is narrowed to the permission.
    pub narrowed: bool,
}

pub fn facts(random: &mut Random) -> Facts {
    let mut facts = Facts::default();
    for role in &ROLES[..1 + random.below(ROLES.len())] {
        let lines = (0..random.below(4)).map(|_| permission(random)).collect();
        facts.roles.insert((*role).to_owned(), lines);
    }
    for group in &GROUPS[..random.below(GROUPS.len())] {
        let users = users(random, 3);
        facts.groups.push(Group { group_id: (*group).to_owned(), name: "g".into(), users });
    }
    for number in 0..1 + random.below(6) {
        let record = record(random, number);
        if random.percent(15) {
            facts.deleted.push(record.record_id.clone());
        }
        facts.records.push(record);
    }
    for _ in 0..random.below(3).saturating_sub(random.below(2)) {
        // One spelling a resource: two would be one configuration that is replaced.
        let uri = uri(random).trim_matches('/').to_owned();
        let uri = if uri.is_empty() { "/".to_owned() } else { uri };
        facts.resources.insert(uri, configuration(random));
    }
    facts
}

fn permission(random: &mut Random) -> Permission {
    Permission {
        action: random.pick(&HELD_ACTIONS).to_owned(),
        allow: random.percent(70),
        grant: random.percent(30),
        delegate: random.percent(30),
    }
}

fn configuration(random: &mut Random) -> Vec<ResourcePermission> {
    (0..1 + random.below(2))
        .map(|_| ResourcePermission {
            action: if random.percent(70) { ResourceAction::Public } else { ResourceAction::Claim },
            allow: random.percent(80),
        })
        .collect()
}

fn users(random: &mut Random, most: usize) -> Vec<User> {
    (0..random.below(most + 1)).map(|_| User { user_id: random.pick(&USERS).to_owned() }).collect()
}

fn groups(random: &mut Random) -> Vec<LinkedGroup> {
    (0..random.below(3)).map(|_| LinkedGroup { group_id: random.pick(&GROUPS).to_owned() }).collect()
}

fn record(random: &mut Random, number: usize) -> Record {
    Record {
        record_id: format!("rec_{number}"),
        name: "n".into(),
        users: random.percent(80).then(|| users(random, 3)),
        groups: random.percent(40).then(|| groups(random)),
        statements: (0..1 + random.below(3)).map(|_| statement(random)).collect(),
    }
}

fn statement(random: &mut Random) -> Statement {
    Statement {
        roles: (0..1 + random.below(3)).map(|_| random.pick(&GIVEN_ROLES).to_owned()).collect(),
        resources: (0..1 + random.below(3)).map(|_| Resource { resource_uri: uri(random) }).collect(),
        users: random.percent(25).then(|| users(random, 2)),
        groups: random.percent(15).then(|| groups(random)),
    }
}

fn segment(random: &mut Random, first: bool) -> &'static str {
    if first && random.percent(20) { random.pick(&FIRST_SEGMENTS) } else { random.pick(&SEGMENTS) }
}

fn uri(random: &mut Random) -> String {
    if random.percent(6) {
        return "*".to_owned();
    }
    let depth = [0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6][random.below(14)];
    let segments: Vec<&str> = (0..depth).map(|index| segment(random, index == 0)).collect();
    decorated(random, &segments)
}

fn decorated(random: &mut Random, segments: &[&str]) -> String {
    let inner = segments.join("/");
    if inner.is_empty() {
        return "/".to_owned();
    }
    let before = if random.percent(20) { "/" } else { "" };
    let behind = if random.percent(20) { "/" } else { "" };
    format!("{before}{inner}{behind}")
}

/// Every URI that the facts mention, as they write it.
pub fn mentioned(facts: &Facts) -> Vec<&str> {
    let statements = facts.records.iter().flat_map(|record| &record.statements);
    let by_records = statements.flat_map(|statement| &statement.resources).map(|r| r.resource_uri.as_str());
    by_records.chain(facts.resources.keys().map(String::as_str)).collect()
}

/// A URI that is near one of the facts: below it, above it, or one segment beside it.
fn near(random: &mut Random, facts: &Facts) -> String {
    let mentioned = mentioned(facts);
    let of_facts = crate::oracle::segments(random.pick(&mentioned));
    let mut segments: Vec<&str> = of_facts.iter().map(String::as_str).collect();
    let filled = random.percent(60);
    for (index, of) in segments.iter_mut().enumerate() {
        if filled && *of == "*" {
            *of = segment(random, index == 0);
        } else if filled && of.contains('*') {
            *of = random.pick(&["ns:a", "a:a", "ns:a:b", "Authress:X"]);
        }
    }
    match random.below(6) {
        0 => segments.push(random.pick(&SEGMENTS)),
        1 => segments.extend(["a", random.pick(&SEGMENTS)]),
        2 if segments.len() > 1 => drop(segments.pop()),
        3 if !segments.is_empty() => {
            let index = random.below(segments.len());
            segments[index] = segment(random, index == 0);
        }
        _ => {}
    }
    decorated(random, &segments)
}

pub fn question(random: &mut Random, facts: &Facts) -> Question {
    use crate::oracle::Bit;
    Question {
        user: random.pick(&USERS),
        permission: random.pick(&ASKED_ACTIONS),
        resource: if random.percent(75) { near(random, facts) } else { uri(random) },
        bit: [Bit::Allow, Bit::Allow, Bit::Grant, Bit::Delegate][random.below(4)],
        nested: random.percent(70),
        narrowed: random.percent(60),
    }
}
