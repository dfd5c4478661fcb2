use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::{ArcSwap, Guard};
use portcullis_domain::{ActionPattern, Bit, FieldError, Part};
use portcullis_types::authress::PermissionObject;

use crate::hash::{HashKey, NameHash, NameKind};

/// The place of a role in every [`RoleTable`] of this process: it stays the same when the role changes, so that grant sets
/// need not be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleIndex(pub(crate) u32);

impl RoleIndex {
    /// The role that `PUBLIC` resources give to everybody: every action, allow only.
    pub(crate) const PUBLIC: Self = Self(0);
}

/// What the roles hold, at one moment.
pub struct RoleTable {
    by_id: HashMap<Arc<str>, RoleIndex>,
    /// By place; the role of `PUBLIC` has none.
    ids: Vec<Arc<str>>,
    held: Vec<Arc<Held>>,
    actions: HashMap<NameHash, u32, BuildHasherDefault<AlreadyHashed>>,
    /// Actions with a `*` that is not at the end; compared one by one with what is asked, and few.
    patterns: Vec<(ActionPattern, u32)>,
}

/// What one role holds.
#[derive(Default)]
struct Held {
    /// Which actions, modulo 64: lets most roles be passed over at a glance.
    mask: u64,
    /// Sorted by action.
    actions: Box<[(u32, u8)]>,
    permissions: Box<[PermissionObject]>,
    known: bool,
}

/// The present [`RoleTable`], and how it changes.
pub struct Roles {
    key: HashKey,
    current: ArcSwap<RoleTable>,
    // Changes are made one after another; readers never wait for them.
    changing: Mutex<()>,
}

/// An action that is asked about, as places in one [`RoleTable`].
pub(crate) struct AskedAction<'a> {
    indexes: [u32; AskedAction::MAX],
    len: u8,
    mask: u64,
    bit: u8,
    /// The action itself, when more patterns cover it than there is room for: each role's are then compared with it.
    crowded: Option<&'a str>,
}

/// A set of bits in which an action may be held; any of them suffices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bits(u8);

impl Bits {
    /// To do it.
    pub const ALLOW: Self = Self(1);
    /// To hand out allow: `grant`, or `delegate`, which includes it.
    pub const HAND_OUT_ALLOW: Self = Self(2 | 4);
    /// To hand out grant and delegate.
    pub const HAND_OUT_ALL: Self = Self(4);

    fn of(permission: &PermissionObject) -> u8 {
        u8::from(permission.allow) | (u8::from(permission.grant) << 1) | (u8::from(permission.delegate) << 2)
    }
}

impl From<Bit> for Bits {
    fn from(bit: Bit) -> Self {
        match bit {
            Bit::Allow => Self::ALLOW,
            Bit::Grant => Self(2),
            Bit::Delegate => Self(4),
        }
    }
}

impl AskedAction<'_> {
    // 64 characters hold at most 32 parts; the empty prefix comes on top, and patterns share what is left.
    const MAX: usize = 40;

    /// Says whether there was room.
    fn push(&mut self, index: u32) -> bool {
        let Some(slot) = self.indexes.get_mut(usize::from(self.len)) else { return false };
        *slot = index;
        self.len += 1;
        self.mask |= 1 << (index % 64);
        true
    }

    fn indexes(&self) -> &[u32] {
        self.indexes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl Roles {
    /// No roles but the one of `PUBLIC`.
    pub fn new(key: HashKey) -> Self {
        let mut table = RoleTable {
            by_id: HashMap::new(),
            ids: vec!["".into()],
            held: vec![Arc::default()],
            actions: HashMap::default(),
            patterns: Vec::new(),
        };
        let public = PermissionObject { action: "*".into(), allow: true, grant: false, delegate: false };
        if let Ok(held) = table.hold(&key, &[public])
            && let Some(slot) = table.held.first_mut()
        {
            *slot = Arc::new(held);
        }
        Self { key, current: ArcSwap::from_pointee(table), changing: Mutex::new(()) }
    }

    /// The table as it is now. Take it after the grant sets that are to be read with it.
    pub fn current(&self) -> Guard<Arc<RoleTable>> {
        self.current.load()
    }

    /// Creates or replaces a role.
    ///
    /// # Errors
    /// [`FieldError`] when an action is malformed; nothing is changed then.
    pub fn put(&self, role_id: &str, permissions: &[PermissionObject]) -> Result<(), FieldError> {
        self.change(|table| {
            let held = table.hold(&self.key, permissions)?;
            table.set(role_id, held);
            Ok(())
        })
    }

    /// Creates or replaces many roles in one step.
    ///
    /// # Errors
    /// As [`Roles::put`].
    pub fn put_all<'a>(
        &self,
        roles: impl IntoIterator<Item = (&'a str, &'a [PermissionObject])>,
    ) -> Result<(), FieldError> {
        self.change(|table| {
            for (role_id, permissions) in roles {
                let held = table.hold(&self.key, permissions)?;
                table.set(role_id, held);
            }
            Ok(())
        })
    }

    /// Deletes a role: it grants nothing, until one of the same id is created.
    pub fn remove(&self, role_id: &str) {
        let _: Result<(), FieldError> = self.change(|table| {
            if table.by_id.contains_key(role_id) {
                table.set(role_id, Held::default());
            }
            Ok(())
        });
    }

    /// The places of roles, known or not.
    pub fn intern<'a>(&self, role_ids: impl Iterator<Item = &'a str> + Clone) -> Vec<RoleIndex> {
        let found: Option<Vec<RoleIndex>> = {
            let table = self.current();
            role_ids.clone().map(|id| table.by_id.get(id).copied()).collect()
        };
        if let Some(found) = found {
            return found;
        }
        let added: Result<Vec<RoleIndex>, FieldError> =
            self.change(|table| Ok(role_ids.map(|id| table.index(id)).collect()));
        added.unwrap_or_default()
    }

    fn change<T>(
        &self,
        change: impl FnOnce(&mut RoleTable) -> Result<T, FieldError>,
    ) -> Result<T, FieldError> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut table = self.current.load().copy();
        let result = change(&mut table)?;
        self.current.store(Arc::new(table));
        Ok(result)
    }
}

impl RoleTable {
    /// Resolves an action; `text` must be well-formed ([`crate::check_action`]).
    #[inline]
    pub(crate) fn ask<'a>(&self, key: &HashKey, text: &'a str, bits: Bits) -> AskedAction<'a> {
        let mut asked =
            AskedAction { indexes: [0; AskedAction::MAX], len: 0, mask: 0, bit: bits.0, crowded: None };
        let trimmed = trim_stars(text);
        asked.push(EVERY_ACTION);
        let bytes = trimmed.as_bytes();
        let mut parts = key.parts(NameKind::Action);
        let mut start = 0;
        while let Some(rest) = bytes.get(start..)
            && !rest.is_empty()
        {
            let end = start + rest.iter().position(|byte| *byte == b':').unwrap_or(rest.len());
            parts.push_folded(bytes, start, end);
            if let Some(index) = self.actions.get(&parts.read()) {
                asked.push(*index);
            }
            start = end + 1;
        }
        if !self.patterns.is_empty() {
            self.ask_patterns(trimmed, &mut asked);
        }
        asked
    }

    fn ask_patterns<'a>(&self, trimmed: &'a str, asked: &mut AskedAction<'a>) {
        let parts = AskedParts::of(trimmed);
        for (pattern, index) in &self.patterns {
            if parts.are_covered_by(pattern) && !asked.push(*index) {
                asked.crowded = Some(trimmed);
                asked.mask = u64::MAX;
                break;
            }
        }
    }

    /// Whether a role holds what is asked. None when this table is older than the role's place.
    #[inline]
    pub(crate) fn holds(&self, role: RoleIndex, asked: &AskedAction<'_>) -> Option<bool> {
        let held = self.held.get(usize::try_from(role.0).ok()?)?;
        if held.mask & asked.mask == 0 {
            return Some(false);
        }
        let gives = |index: &u32| {
            held.actions
                .binary_search_by_key(index, |(action, _)| *action)
                .ok()
                .and_then(|place| held.actions.get(place))
                .is_some_and(|(_, bits)| bits & asked.bit != 0)
        };
        Some(
            asked.indexes().iter().any(gives)
                || asked.crowded.is_some_and(|text| {
                    let parts = AskedParts::of(text);
                    self.patterns.iter().any(|(pattern, index)| gives(index) && parts.are_covered_by(pattern))
                }),
        )
    }

    /// What a role holds, as written; nothing for an unknown role.
    pub fn permissions(&self, role: RoleIndex) -> &[PermissionObject] {
        usize::try_from(role.0)
            .ok()
            .and_then(|place| self.held.get(place))
            .map_or(&[], |held| &held.permissions)
    }

    /// What the role with this id holds; none when there is no such role.
    pub fn permissions_of(&self, role_id: &str) -> Option<&[PermissionObject]> {
        let index = self.by_id.get(role_id)?;
        let held = self.held.get(usize::try_from(index.0).ok()?)?;
        held.known.then_some(&*held.permissions)
    }

    /// A role's id; none for the role of `PUBLIC`, or when this table is older than the role's place.
    pub fn id_of(&self, role: RoleIndex) -> Option<&Arc<str>> {
        self.ids.get(usize::try_from(role.0).ok()?).filter(|id| !id.is_empty())
    }

    /// Whether a role exists at this place.
    pub fn is_known(&self, role: RoleIndex) -> bool {
        usize::try_from(role.0).ok().and_then(|place| self.held.get(place)).is_some_and(|held| held.known)
    }

    /// Whether some role allows exactly this action: by its own name, not by a parent's or a wildcard. Looks at every role if
    /// one ever named it.
    pub fn names_action(&self, key: &HashKey, action: &ActionPattern) -> bool {
        if action.parts().is_empty() || action.parts().contains(&Part::Any) {
            return false;
        }
        let Some(index) = self.actions.get(&hash_of(key, action)) else { return false };
        let allows = |held: &Arc<Held>| {
            let found = held.actions.binary_search_by_key(index, |(action, _)| *action).ok();
            let bits = found.and_then(|place| held.actions.get(place)).map_or(0, |(_, bits)| *bits);
            held.known && bits & Bits::ALLOW.0 != 0
        };
        // The first role is that of `PUBLIC`.
        self.held.iter().skip(1).any(allows)
    }

    fn copy(&self) -> Self {
        Self {
            by_id: self.by_id.clone(),
            ids: self.ids.clone(),
            held: self.held.clone(),
            actions: self.actions.clone(),
            patterns: self.patterns.clone(),
        }
    }

    fn index(&mut self, role_id: &str) -> RoleIndex {
        if let Some(index) = self.by_id.get(role_id) {
            return *index;
        }
        let index = RoleIndex(u32::try_from(self.held.len()).unwrap_or(u32::MAX));
        let role_id: Arc<str> = role_id.into();
        self.held.push(Arc::default());
        self.ids.push(Arc::clone(&role_id));
        self.by_id.insert(role_id, index);
        index
    }

    fn set(&mut self, role_id: &str, held: Held) {
        let index = self.index(role_id);
        if let Some(slot) = usize::try_from(index.0).ok().and_then(|place| self.held.get_mut(place)) {
            *slot = Arc::new(held);
        }
    }

    fn hold(&mut self, key: &HashKey, permissions: &[PermissionObject]) -> Result<Held, FieldError> {
        let mut actions: Vec<(u32, u8)> = Vec::with_capacity(permissions.len());
        for permission in permissions {
            let pattern = ActionPattern::parse("action", &permission.action)?;
            let index = self.action(key, &pattern);
            match actions.iter_mut().find(|(action, _)| *action == index) {
                Some((_, bits)) => *bits |= Bits::of(permission),
                None => actions.push((index, Bits::of(permission))),
            }
        }
        actions.sort_unstable();
        Ok(Held {
            mask: actions.iter().fold(0, |mask, (action, _)| mask | (1 << (action % 64))),
            actions: actions.into(),
            permissions: permissions.into(),
            known: true,
        })
    }

    fn action(&mut self, key: &HashKey, pattern: &ActionPattern) -> u32 {
        let next = u32::try_from(self.actions.len() + self.patterns.len()).unwrap_or(u32::MAX);
        if pattern.parts().contains(&Part::Any) {
            if let Some((_, index)) = self.patterns.iter().find(|(known, _)| known == pattern) {
                return *index;
            }
            self.patterns.push((pattern.clone(), next));
            return next;
        }
        *self.actions.entry(hash_of(key, pattern)).or_insert(next)
    }
}

/// The hash of an action without wildcards.
fn hash_of(key: &HashKey, pattern: &ActionPattern) -> NameHash {
    let mut parts = key.parts(NameKind::Action);
    for part in pattern.parts() {
        if let Part::Name(name) = part {
            parts.push_folded(name.as_bytes(), 0, name.len());
        }
    }
    parts.read()
}

/// The index of the action `*`: every table begins with the role of `PUBLIC`.
const EVERY_ACTION: u32 = 0;

/// Without the trailing `*` parts, which mean nothing (`documents:*` is `documents`).
fn trim_stars(text: &str) -> &str {
    let mut rest = text;
    loop {
        if rest == "*" {
            return "";
        }
        match rest.strip_suffix(":*") {
            Some(shorter) => rest = shorter,
            None => return rest,
        }
    }
}

/// An action of 64 characters has at most 32 parts.
const MAX_PARTS: usize = 32;

/// Where the parts of an asked action are: found once, however many patterns are compared with it.
struct AskedParts<'a> {
    text: &'a [u8],
    /// Begin and end of each.
    bounds: [(u8, u8); MAX_PARTS],
    len: usize,
}

impl<'a> AskedParts<'a> {
    fn of(text: &'a str) -> Self {
        let text = text.as_bytes();
        let mut found = Self { text, bounds: [(0, 0); MAX_PARTS], len: 0 };
        let mut start = 0;
        // One more than there are bytes ends the last part.
        for end in 0..=text.len() {
            if !matches!(text.get(end), None | Some(b':')) {
                continue;
            }
            if end > start
                && let Some(slot) = found.bounds.get_mut(found.len)
                && let (Ok(start), Ok(end)) = (u8::try_from(start), u8::try_from(end))
            {
                *slot = (start, end);
                found.len += 1;
            }
            start = end + 1;
        }
        found
    }

    /// [`ActionPattern::covers`], for an asked action that is still text.
    fn are_covered_by(&self, pattern: &ActionPattern) -> bool {
        let held = pattern.parts();
        held.len() <= self.len && held.iter().zip(&self.bounds).all(|(held, bounds)| self.is(held, *bounds))
    }

    fn is(&self, held: &Part, (start, end): (u8, u8)) -> bool {
        match held {
            Part::Any => true,
            Part::Name(name) => self
                .text
                .get(usize::from(start)..usize::from(end))
                .is_some_and(|part| part.eq_ignore_ascii_case(name.as_bytes())),
        }
    }
}

/// Keys that are hashes already are not hashed again.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {}

    fn write_u64(&mut self, value: u64) {
        self.0 ^= value;
    }
}
