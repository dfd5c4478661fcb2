use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::grant_set::GrantSet;
use crate::hash::NameHash;

/// Grant sets of principals, bounded in bytes, read without a lock.
///
/// The principals are spread over shards; a shard is a small immutable table that is replaced as a whole when one of its
/// principals changes, so a reader never waits and a change costs the copy of one small table. What was not asked for
/// since the shard was last full goes first (second chance). A set that is larger than a shard's share takes room from the
/// other shards.
pub struct GrantCache {
    shards: Box<[Shard]>,
    bytes_a_shard: usize,
    max_bytes: usize,
    bytes: AtomicUsize,
    /// The shard that gives room next.
    hand: AtomicUsize,
}

struct Shard {
    table: ArcSwap<Table>,
    /// Counts changes: a set that was loaded before a change must not be kept after it.
    changes: Mutex<u64>,
}

#[derive(Default)]
struct Table {
    /// Open addressing; at least a quarter is empty.
    slots: Box<[Option<Cached>]>,
    len: usize,
    bytes: usize,
}

struct Cached {
    principal: NameHash,
    set: Arc<GrantSet>,
    asked: AtomicBool,
}

/// Permission to keep a set that is about to be loaded. It is void as soon as the principal's shard changes.
#[derive(Clone, Copy, Debug)]
pub struct LoadTicket {
    principal: NameHash,
    changes: u64,
}

impl GrantCache {
    /// What an entry takes besides its set.
    const OVERHEAD: usize = 2 * size_of::<Option<Cached>>();
    const SETS_A_SHARD: usize = 64;
    const TYPICAL_SET: usize = 512;

    /// A cache for sets of `max_bytes` in all.
    pub fn new(max_bytes: usize) -> Self {
        let shards =
            (max_bytes / (Self::TYPICAL_SET * Self::SETS_A_SHARD)).clamp(1, 1 << 16).next_power_of_two();
        Self {
            shards: (0..shards)
                .map(|_| Shard { table: ArcSwap::from_pointee(Table::default()), changes: Mutex::new(0) })
                .collect(),
            bytes_a_shard: max_bytes / shards,
            max_bytes,
            bytes: AtomicUsize::new(0),
            hand: AtomicUsize::new(0),
        }
    }

    /// Looks at a principal's set, if it is here.
    pub(crate) fn with<T>(&self, principal: NameHash, look: impl FnOnce(&Arc<GrantSet>) -> T) -> Option<T> {
        let table = self.shard(principal)?.table.load();
        let cached = table.find(principal)?;
        if !cached.asked.load(Ordering::Relaxed) {
            cached.asked.store(true, Ordering::Relaxed);
        }
        Some(look(&cached.set))
    }

    /// Must be called before the facts of a set are read.
    pub(crate) fn begin_load(&self, principal: NameHash) -> Option<LoadTicket> {
        let changes = *self.shard(principal)?.changes.lock().unwrap_or_else(PoisonError::into_inner);
        Some(LoadTicket { principal, changes })
    }

    /// Keeps a set, unless its principal's shard changed since the ticket was taken, or it alone would take a quarter of the
    /// cache. Says whether it was kept.
    pub(crate) fn finish_load(&self, ticket: LoadTicket, set: Arc<GrantSet>) -> bool {
        let Some(shard) = self.shard(ticket.principal) else { return false };
        let needed = set.bytes() + Self::OVERHEAD;
        if needed > self.max_bytes / 4 {
            return false;
        }
        let kept = {
            let changes = shard.changes.lock().unwrap_or_else(PoisonError::into_inner);
            let current = *changes == ticket.changes;
            if current {
                let room = self.bytes_a_shard.max(needed);
                self.replace(shard, shard.table.load().with(ticket.principal, set, room));
            }
            current
        };
        self.give_room();
        kept
    }

    /// Takes from one shard after the other until all are within the bound.
    fn give_room(&self) {
        // Each turn at least halves a shard, so that this ends.
        for _ in 0..self.shards.len().saturating_mul(32) {
            if self.bytes.load(Ordering::Relaxed) <= self.max_bytes {
                return;
            }
            let place = self.hand.fetch_add(1, Ordering::Relaxed) % self.shards.len().max(1);
            let Some(shard) = self.shards.get(place) else { return };
            let _changing = shard.changes.lock().unwrap_or_else(PoisonError::into_inner);
            let table = shard.table.load();
            self.replace(shard, table.within((table.bytes / 2).min(self.bytes_a_shard)));
        }
    }

    /// Must be called while the shard's changes are locked.
    fn replace(&self, shard: &Shard, next: Table) {
        self.bytes.fetch_add(next.bytes, Ordering::Relaxed);
        let before = shard.table.swap(Arc::new(next));
        self.bytes.fetch_sub(before.bytes, Ordering::Relaxed);
    }

    /// Forgets a principal: from the return of this call on, nobody is answered from its old set.
    pub(crate) fn forget(&self, principal: NameHash) {
        let Some(shard) = self.shard(principal) else { return };
        let mut changes = shard.changes.lock().unwrap_or_else(PoisonError::into_inner);
        *changes += 1;
        let table = shard.table.load();
        if table.find(principal).is_some() {
            self.replace(shard, table.without(principal));
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            let mut changes = shard.changes.lock().unwrap_or_else(PoisonError::into_inner);
            *changes += 1;
            self.replace(shard, Table::default());
        }
    }

    /// How many sets are here, and how many bytes they take.
    pub fn size(&self) -> (usize, usize) {
        self.shards.iter().fold((0, 0), |(sets, bytes), shard| {
            let table = shard.table.load();
            (sets + table.len, bytes + table.bytes)
        })
    }

    fn shard(&self, principal: NameHash) -> Option<&Shard> {
        // The number is a power of two; a table's places are taken from the other half of the hash.
        let place = usize::try_from(principal.low).unwrap_or(0) & (self.shards.len() - 1);
        self.shards.get(place)
    }
}

impl Table {
    fn find(&self, principal: NameHash) -> Option<&Cached> {
        let start = principal.place(self.slots.len());
        let (before, after) = self.slots.split_at_checked(start)?;
        for slot in after.iter().chain(before) {
            match slot {
                Some(cached) if cached.principal == principal => return Some(cached),
                Some(_) => {}
                None => return None,
            }
        }
        None
    }

    fn with(&self, principal: NameHash, set: Arc<GrantSet>, max_bytes: usize) -> Self {
        let added = set.bytes() + GrantCache::OVERHEAD;
        let mut kept = fitting(self.others(principal).collect(), max_bytes.saturating_sub(added));
        kept.push(Cached { principal, set, asked: AtomicBool::new(true) });
        Self::of(kept)
    }

    /// As much of it as fits.
    fn within(&self, max_bytes: usize) -> Self {
        Self::of(fitting(self.cached().collect(), max_bytes))
    }

    fn without(&self, principal: NameHash) -> Self {
        Self::of(self.others(principal).collect())
    }

    fn others(&self, principal: NameHash) -> impl Iterator<Item = Cached> + '_ {
        self.cached().filter(move |cached| cached.principal != principal)
    }

    fn cached(&self) -> impl Iterator<Item = Cached> + '_ {
        self.slots.iter().flatten().map(|cached| Cached {
            principal: cached.principal,
            set: Arc::clone(&cached.set),
            asked: AtomicBool::new(cached.asked.load(Ordering::Relaxed)),
        })
    }

    fn of(cached: Vec<Cached>) -> Self {
        let len = cached.len();
        let bytes = cached.iter().map(Cached::bytes).sum();
        let size = if len == 0 { 0 } else { len * 4 / 3 + 1 };
        let mut slots: Box<[Option<Cached>]> = (0..size).map(|_| None).collect();
        for one in cached {
            let start = one.principal.place(size);
            let free =
                (start..size).chain(0..start).find(|place| slots.get(*place).is_some_and(Option::is_none));
            if let Some(slot) = free.and_then(|place| slots.get_mut(place)) {
                *slot = Some(one);
            }
        }
        Self { slots, len, bytes }
    }
}

/// First what was not asked for since the last time goes; then, if that does not do, the rest.
fn fitting(mut kept: Vec<Cached>, max_bytes: usize) -> Vec<Cached> {
    let mut bytes: usize = kept.iter().map(Cached::bytes).sum();
    if bytes > max_bytes {
        kept.retain(|cached| {
            let stays = bytes <= max_bytes || cached.asked.swap(false, Ordering::Relaxed);
            if !stays {
                bytes -= cached.bytes();
            }
            stays
        });
    }
    while bytes > max_bytes
        && let Some(gone) = kept.pop()
    {
        bytes -= gone.bytes();
    }
    kept
}

impl Cached {
    fn bytes(&self) -> usize {
        self.set.bytes() + GrantCache::OVERHEAD
    }
}

#[cfg(test)]
mod tests {
    use portcullis_types::{Rng, RngError};

    use super::*;
    use crate::compile::{StatementGrants, compile};
    use crate::hash::HashKey;
    use crate::roles::Roles;

    fn name(n: u64) -> NameHash {
        NameHash { high: n.wrapping_mul(0x9E37_79B9_7F4A_7C15), low: n }
    }

    #[test]
    fn a_set_loaded_before_a_change_is_not_kept_after_it() {
        let cache = GrantCache::new(1 << 20);
        let ticket = cache.begin_load(name(1)).unwrap();
        cache.forget(name(1));
        assert!(!cache.finish_load(ticket, Arc::default()));
        assert!(cache.with(name(1), |_| ()).is_none());
        let ticket = cache.begin_load(name(1)).unwrap();
        assert!(cache.finish_load(ticket, Arc::default()));
        assert!(cache.with(name(1), |_| ()).is_some());
    }

    #[test]
    fn the_cache_never_grows_over_its_bound_and_keeps_what_is_asked_for() {
        let cache = GrantCache::new(32 * 1024);
        let hot = name(1_000_000);
        cache.finish_load(cache.begin_load(hot).unwrap(), Arc::default());
        for n in 0..10_000 {
            cache.finish_load(cache.begin_load(name(n)).unwrap(), Arc::default());
            cache.with(hot, |_| ());
            assert!(cache.size().1 <= 32 * 1024);
        }
        assert!(cache.with(hot, |_| ()).is_some());
        assert!(cache.size().0 > 10);
    }

    #[test]
    fn large_sets_take_room_from_others_and_never_more_than_the_bound() {
        let key = HashKey::generate(&Zero).unwrap();
        let roles = Roles::new(key.clone());
        let large: Vec<String> = (0..2_000).map(|n| format!("a/{n}")).collect();
        let statement = StatementGrants {
            record_id: "rec".to_owned(),
            statement: 0,
            resources: large,
            roles: vec!["r".to_owned()],
        };
        let (set, _) = compile(&key, &roles, &[statement], &[]);
        let set = Arc::new(set);
        let bound = 8 * set.bytes();
        let cache = GrantCache::new(bound);
        for n in 0..100 {
            assert!(cache.finish_load(cache.begin_load(name(n)).unwrap(), Arc::clone(&set)));
            assert!(cache.size().1 <= bound, "{n}");
        }
        assert!(cache.size().0 >= 4, "{:?}", cache.size());
        let alone = GrantCache::new(2 * set.bytes());
        assert!(!alone.finish_load(alone.begin_load(name(1)).unwrap(), set));
    }

    struct Zero;
    impl Rng for Zero {
        fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
            dest.fill(9);
            Ok(())
        }
    }

    #[test]
    fn every_kept_set_is_found_again_and_a_forgotten_one_is_not() {
        let cache = GrantCache::new(1 << 24);
        for n in 0..5_000 {
            cache.finish_load(cache.begin_load(name(n)).unwrap(), Arc::default());
        }
        assert!((0..5_000).all(|n| cache.with(name(n), |_| ()).is_some()));
        cache.forget(name(77));
        assert!(cache.with(name(77), |_| ()).is_none() && cache.with(name(78), |_| ()).is_some());
        cache.clear();
        assert_eq!(cache.size(), (0, 0));
    }
}
