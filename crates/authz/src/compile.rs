use std::collections::HashMap;
use std::collections::hash_map::Entry as MapEntry;

use crate::grant_set::{Entry, Found, GrantSet, Parts, Slot};
use crate::hash::{HashKey, NameHash, NameKind};
use crate::roles::{RoleIndex, Roles};
use crate::shape::Shape;

/// What one statement gives to the principal whose set is compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementGrants {
    /// The access record.
    pub record_id: String,
    /// Which of its statements, from 0.
    pub statement: u32,
    /// Normal forms of the resource URIs.
    pub resources: Vec<String>,
    /// Role ids, known or not.
    pub roles: Vec<String>,
}

/// Where each grant of a set comes from: for every slot, for every entry, a statement and one of its resources.
#[derive(Debug, Default)]
pub(crate) struct Origins(HashMap<(u32, u32), Origin>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) statement: usize,
    pub(crate) resource: usize,
}

impl Origins {
    pub(crate) fn at(&self, place: crate::Place) -> Option<Origin> {
        self.0.get(&(place.slot, place.entry)).copied()
    }
}

/// A path's grants while a set is made.
type Paths = HashMap<NameHash, Vec<(Entry, Origin)>>;

/// Compiles the set of a principal who gets `statements` and is a member of `groups`.
pub(crate) fn compile(
    key: &HashKey,
    roles: &Roles,
    statements: &[StatementGrants],
    groups: &[String],
) -> (GrantSet, Origins) {
    let mut lists = RoleLists::default();
    let mut shapes: Vec<Shape> = Vec::new();
    let mut paths = Paths::new();
    for (statement_index, statement) in statements.iter().enumerate() {
        let indexes = roles.intern(statement.roles.iter().map(String::as_str));
        let Some(held) = lists.place(indexes) else { continue };
        for (resource_index, resource) in statement.resources.iter().enumerate() {
            let (path, from_depth) = split_trailing_stars(resource);
            if let Some(shape) = Shape::of(path)
                && !shapes.contains(&shape)
            {
                shapes.push(shape);
            }
            let entry = match held {
                RolePlace::One(role) => Entry::one(role, from_depth),
                RolePlace::List(place) => Entry::list(place, from_depth),
            };
            let entries = paths.entry(key.path(path)).or_default();
            if entries.iter().all(|(known, _)| *known != entry) {
                entries.push((entry, Origin { statement: statement_index, resource: resource_index }));
            }
        }
    }
    let groups = groups.iter().map(|group| key.name(NameKind::Group, group)).collect();
    build(paths, lists.flat, shapes, groups)
}

/// Compiles the set of what is `PUBLIC`.
pub(crate) fn compile_public(key: &HashKey, resources: &[String]) -> GrantSet {
    let mut shapes: Vec<Shape> = Vec::new();
    let mut paths = Paths::new();
    for (index, resource) in resources.iter().enumerate() {
        let (path, from_depth) = split_trailing_stars(resource);
        if let Some(shape) = Shape::of(path)
            && !shapes.contains(&shape)
        {
            shapes.push(shape);
        }
        let entry = Entry::one(RoleIndex::PUBLIC, from_depth);
        let entries = paths.entry(key.path(path)).or_default();
        entries.push((entry, Origin { statement: 0, resource: index }));
    }
    build(paths, Vec::new(), shapes, Box::default()).0
}

/// The path without its trailing `*` segments, and the depth from which the grant counts: `a/*` covers what is below `a`.
/// `*` alone covers everything, the root included (spec `authress-api.md` §4.2).
fn split_trailing_stars(resource: &str) -> (&str, u8) {
    let mut path = resource;
    let mut stars = 0u8;
    loop {
        if path == "*" {
            path = "";
            stars = stars.saturating_add(1);
            break;
        }
        let Some(shorter) = path.strip_suffix("/*") else { break };
        path = shorter;
        stars = stars.saturating_add(1);
    }
    let depth = path.split('/').filter(|segment| !segment.is_empty()).count();
    let from_depth =
        if path.is_empty() && stars == 1 { 0 } else { u8::try_from(depth).unwrap_or(u8::MAX) + stars };
    (path, from_depth)
}

fn build(
    paths: Paths,
    role_lists: Vec<u32>,
    shapes: Vec<Shape>,
    groups: Box<[NameHash]>,
) -> (GrantSet, Origins) {
    let empty = Slot { path: NameHash::default(), found: Found::Nothing };
    let size = if paths.is_empty() { 0 } else { paths.len() * 10 / 7 + 1 };
    let mut slots = vec![empty; size];
    let mut entries: Vec<Entry> = Vec::new();
    let mut origins = Origins::default();
    for (path, grants) in paths {
        let found = match grants.as_slice() {
            [(entry, _)] => Found::One(*entry),
            many => {
                let place = u32::try_from(entries.len()).unwrap_or(u32::MAX);
                entries.extend(many.iter().map(|(entry, _)| *entry));
                Found::Many(place, u32::try_from(many.len()).unwrap_or(u32::MAX))
            }
        };
        let start = path.place(size);
        let free = (start..size)
            .chain(0..start)
            .find(|place| slots.get(*place).is_some_and(|slot| matches!(slot.found, Found::Nothing)));
        if let Some(place) = free
            && let Some(slot) = slots.get_mut(place)
        {
            *slot = Slot { path, found };
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            for ((_, origin), entry) in grants.into_iter().zip(0u32..) {
                origins.0.insert((place, entry), origin);
            }
        }
    }
    let parts = Parts {
        slots: slots.into(),
        entries: entries.into(),
        role_lists: role_lists.into(),
        shapes: shapes.into(),
        groups,
    };
    (GrantSet::from_parts(parts), origins)
}

/// Lists of roles, each stored once.
#[derive(Default)]
struct RoleLists {
    flat: Vec<u32>,
    places: HashMap<Vec<RoleIndex>, u32>,
}

#[derive(Clone, Copy)]
enum RolePlace {
    One(RoleIndex),
    List(u32),
}

impl RoleLists {
    fn place(&mut self, mut roles: Vec<RoleIndex>) -> Option<RolePlace> {
        roles.sort_unstable();
        roles.dedup();
        if let [role] = roles.as_slice() {
            return Some(RolePlace::One(*role));
        }
        if roles.is_empty() {
            return None;
        }
        let next = u32::try_from(self.flat.len()).ok()?;
        match self.places.entry(roles) {
            MapEntry::Occupied(known) => Some(RolePlace::List(*known.get())),
            MapEntry::Vacant(vacant) => {
                self.flat.push(u32::try_from(vacant.key().len()).ok()?);
                self.flat.extend(vacant.key().iter().map(|role| role.0));
                vacant.insert(next);
                Some(RolePlace::List(next))
            }
        }
    }
}
