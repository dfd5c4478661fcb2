use std::ops::ControlFlow;

use crate::asked::AskedPath;
use crate::hash::{HashKey, NameHash};
use crate::roles::RoleIndex;
use crate::shape::Shape;

/// Everything that access records give to one principal, in a form in which a check finds its answer with one look-up a
/// path prefix, without allocating: an open-addressing table from a path's hash to the roles held there and below.
#[derive(Debug, Default)]
pub struct GrantSet {
    /// Which hashes are in the table, modulo 64: most prefixes are passed over without a look.
    filter: u64,
    slots: Box<[Slot]>,
    /// Entries of paths with more than one.
    entries: Box<[Entry]>,
    /// Roles of entries with more than one: a length, then that many.
    role_lists: Box<[u32]>,
    shapes: Box<[Shape]>,
    /// The groups that the principal is a member of.
    groups: Box<[NameHash]>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) path: NameHash,
    pub(crate) found: Found,
}

/// What a slot holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    Nothing,
    One(Entry),
    /// A place in `entries` and how many.
    Many(u32, u32),
}

/// One grant on a path. Packed, because there are as many as there are grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// A role, or a place in `role_lists`.
    roles: u32,
    /// The depth from which the grant counts: `a/*` is stored at `a`, from depth 2 on.
    from_depth: u8,
    is_list: bool,
}

/// Where in a set a grant was met: together with the set's origins it tells the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub(crate) slot: u32,
    pub(crate) entry: u32,
}

impl Entry {
    pub(crate) fn one(role: RoleIndex, from_depth: u8) -> Self {
        Self { roles: role.0, from_depth, is_list: false }
    }

    pub(crate) fn list(place: u32, from_depth: u8) -> Self {
        Self { roles: place, from_depth, is_list: true }
    }
}

pub(crate) struct Parts {
    pub(crate) slots: Box<[Slot]>,
    pub(crate) entries: Box<[Entry]>,
    pub(crate) role_lists: Box<[u32]>,
    pub(crate) shapes: Box<[Shape]>,
    pub(crate) groups: Box<[NameHash]>,
}

impl GrantSet {
    pub(crate) fn from_parts(parts: Parts) -> Self {
        let filter = parts
            .slots
            .iter()
            .filter(|slot| !matches!(slot.found, Found::Nothing))
            .fold(0, |filter, slot| filter | filter_bit(slot.path));
        Self {
            filter,
            slots: parts.slots,
            entries: parts.entries,
            role_lists: parts.role_lists,
            shapes: parts.shapes,
            groups: parts.groups,
        }
    }

    pub(crate) fn groups(&self) -> &[NameHash] {
        &self.groups
    }

    /// How many bytes the set takes, with its allocation's header.
    pub fn bytes(&self) -> usize {
        size_of::<Self>()
            + 16
            + size_of_val(&*self.slots)
            + size_of_val(&*self.entries)
            + size_of_val(&*self.role_lists)
            + size_of_val(&*self.groups)
            + self.shapes.iter().map(Shape::bytes).sum::<usize>()
    }

    /// Shows every role that reaches `asked`, until told to stop.
    #[inline]
    pub(crate) fn reach(
        &self,
        key: &HashKey,
        asked: &AskedPath<'_>,
        mut role: impl FnMut(Place, RoleIndex) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.slots.is_empty() {
            return ControlFlow::Continue(());
        }
        // The root's grants (`*`, `/`) do not reach the reserved trees.
        let skipped = usize::from(asked.is_reserved());
        for prefix in asked.prefixes().iter().skip(skipped) {
            if self.filter & filter_bit(*prefix) != 0 {
                self.at(*prefix, asked.depth(), &mut role)?;
            }
        }
        for shape in &self.shapes {
            if let Some(path) = shape.apply(key, asked) {
                self.at(path, asked.depth(), &mut role)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn at(
        &self,
        path: NameHash,
        depth: u8,
        role: &mut impl FnMut(Place, RoleIndex) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut place = path.place(self.slots.len());
        // There is an empty slot, so that this ends; the count is for the compiler's peace.
        for _ in 0..self.slots.len() {
            let Some(slot) = self.slots.get(place) else { break };
            let entries = match &slot.found {
                Found::Nothing => break,
                _ if slot.path != path => {
                    place = if place + 1 == self.slots.len() { 0 } else { place + 1 };
                    continue;
                }
                Found::One(entry) => std::slice::from_ref(entry),
                Found::Many(place, len) => self.list(*place, *len),
            };
            let slot = u32::try_from(place).unwrap_or(u32::MAX);
            for (entry, index) in entries.iter().zip(0u32..) {
                if depth >= entry.from_depth {
                    self.roles_of(*entry, Place { slot, entry: index }, role)?;
                }
            }
            break;
        }
        ControlFlow::Continue(())
    }

    fn roles_of(
        &self,
        entry: Entry,
        place: Place,
        role: &mut impl FnMut(Place, RoleIndex) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if !entry.is_list {
            return role(place, RoleIndex(entry.roles));
        }
        let list = usize::try_from(entry.roles)
            .ok()
            .and_then(|place| self.role_lists.get(place..))
            .unwrap_or_default();
        let Some((len, roles)) = list.split_first() else { return ControlFlow::Continue(()) };
        for index in roles.iter().take(usize::try_from(*len).unwrap_or(0)) {
            role(place, RoleIndex(*index))?;
        }
        ControlFlow::Continue(())
    }

    fn list(&self, place: u32, len: u32) -> &[Entry] {
        let (start, len) = (place as usize, len as usize);
        self.entries.get(start..).and_then(|rest| rest.get(..len)).unwrap_or_default()
    }
}

fn filter_bit(path: NameHash) -> u64 {
    // The place in the table is taken from the high bits of `high`; these are others.
    1 << (path.low % 64)
}
