use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use portcullis_types::{Rng, RngError, Timestamp};
use siphasher::sip128::SipHasher13;
use zeroize::Zeroizing;

/// The most parts the cache is split into.
const MAX_SHARDS: usize = 64;
/// A shard smaller than this would evict long before the cache is full.
const MIN_SHARD_ENTRIES: usize = 64;
const MIN_SHARD_BYTES: usize = 4 * crate::token::MAX_TOKEN_LEN;

/// What was forgotten so far. Taken before a verification begins, so that its result is not kept if something was
/// forgotten while it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(u64);

/// What a verification relied on, and so for how long its result may be kept.
#[derive(Clone, Copy, Debug)]
pub struct Proof<'a> {
    /// The key that verified the token, under whatever name the caller will use with [`VerifiedTokens::forget_key`]: unique
    /// among all keys (a client's key id alone is not).
    pub key_id: &'a str,
    /// When the token expires; it is not found at this instant or later.
    pub exp: Timestamp,
    /// [`VerifiedTokens::epoch`], taken **before** the key was looked up.
    pub epoch: Epoch,
}

/// Tokens that were verified, with what was learnt from them, so that a bearer sent again costs a hash and a comparison
/// instead of a signature check. Only successes are kept.
///
/// Found by a SipHash-1-3-128 under a key of this process, then compared byte for byte; never returned at or after its
/// `exp`, nor once its key was forgotten. Bounded in entries and in bytes: the least used go first (second chance).
/// Tokens are overwritten when they leave, and never printed.
pub struct VerifiedTokens<T> {
    shards: Vec<Shard<T>>,
    hasher: SipHasher13,
    epoch: AtomicU64,
    shard_entries: usize,
    shard_bytes: usize,
}

impl<T> VerifiedTokens<T> {
    /// A cache of at most `capacity_entries` tokens and about `max_bytes`: tokens, key ids and the entries themselves are
    /// counted, what `T` owns elsewhere is not. With 0 of either nothing is kept.
    ///
    /// # Errors
    /// [`RngError`] when there was no key for the hash.
    pub fn new(capacity_entries: usize, max_bytes: usize, rng: &dyn Rng) -> Result<Self, RngError> {
        let mut hash_key = [0; 16];
        rng.fill(&mut hash_key)?;
        let shards =
            (capacity_entries / MIN_SHARD_ENTRIES).min(max_bytes / MIN_SHARD_BYTES).clamp(1, MAX_SHARDS);
        Ok(Self {
            shards: std::iter::repeat_with(Shard::default).take(shards).collect(),
            hasher: SipHasher13::new_with_key(&hash_key),
            epoch: AtomicU64::new(0),
            shard_entries: capacity_entries / shards,
            shard_bytes: max_bytes / shards,
        })
    }

    /// The present epoch, to be taken before a verification begins and handed to [`VerifiedTokens::insert`].
    pub fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::SeqCst))
    }

    /// What was learnt from `token`, if it is kept and `now` is before its expiry. Allocates nothing but what `T`'s clone
    /// does; finds do not wait for each other.
    pub fn find(&self, token: &str, now: Timestamp) -> Option<T>
    where
        T: Clone,
    {
        let hash = self.hash(token);
        let contents = self.shard(hash)?.read();
        let entry = contents.entries.get(&hash)?;
        // An ordinary comparison tells nothing by its time: whoever reaches it knows the token, but for a collision of 128
        // keyed bits.
        if **entry.token != *token || entry.exp <= now {
            return None;
        }
        // Only the first find writes, so that many finds of one token do not fight for the cache line.
        if !entry.used.load(Ordering::Relaxed) {
            entry.used.store(true, Ordering::Relaxed);
        }
        Some(entry.value.clone())
    }

    /// Keeps what a verification of `token` gave. Does nothing if anything was forgotten since `proof.epoch`, or if the
    /// token alone is too big for its share of the bytes.
    pub fn insert(&self, token: &str, proof: Proof<'_>, value: T) {
        let hash = self.hash(token);
        let entry = Entry {
            token: Zeroizing::new(token.into()),
            key_id: proof.key_id.into(),
            exp: proof.exp,
            used: AtomicBool::new(false),
            value,
        };
        let Some(shard) = self.shard(hash) else { return };
        if entry.cost() > self.shard_bytes || self.shard_entries == 0 {
            return;
        }
        let mut contents = shard.write();
        // Under the lock that every forgetting takes after it moved the epoch: either it is seen here, or its sweep comes
        // after this entry.
        if self.epoch() != proof.epoch {
            return;
        }
        contents.remove(hash);
        contents.make_room(self.shard_entries - 1, self.shard_bytes - entry.cost());
        contents.bytes += entry.cost();
        contents.order.push_back(hash);
        contents.entries.insert(hash, entry);
    }

    /// Forgets all that was verified by this key. When it returns, none of it is found, nor will a verification that was
    /// under way put it back. Costs a walk through the cache.
    pub fn forget_key(&self, key_id: &str) {
        self.forget_entries(|entry| *entry.key_id == *key_id);
    }

    /// Drops one token that was found to be good for nothing. Without that promise, and so without delay for others: a verification
    /// of it that is under way may still put it back. What makes a token worthless is to be forgotten by one of the other methods.
    pub fn drop_token(&self, token: &str) {
        let hash = self.hash(token);
        let Some(shard) = self.shard(hash) else { return };
        // Most that is refused was never kept, and readers need not wait for that.
        if shard.read().entries.contains_key(&hash) {
            shard.write().remove(hash);
        }
    }

    /// Forgets every token of whose value `gone` says so (those of a session, of a subject), with the same promise. `gone`
    /// must not call this cache.
    pub fn forget_where(&self, gone: impl Fn(&T) -> bool) {
        self.forget_entries(|entry| gone(&entry.value));
    }

    /// Forgets everything, with the same promise.
    pub fn clear(&self) {
        self.forget_entries(|_| true);
    }

    /// How many tokens are kept, expired ones that were not replaced yet included.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().entries.len()).sum()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes are counted against the bound.
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().bytes).sum()
    }

    fn start_epoch(&self) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }

    fn forget_entries(&self, gone: impl Fn(&Entry<T>) -> bool) {
        self.start_epoch();
        for shard in &self.shards {
            shard.write().forget(&gone);
        }
    }

    fn hash(&self, token: &str) -> u128 {
        self.hasher.hash(token.as_bytes()).as_u128()
    }

    fn shard(&self, hash: u128) -> Option<&Shard<T>> {
        // The low half chooses the shard, the high half the place in it, so that one does not thin out the other.
        let low = usize::try_from(hash & 0xffff_ffff).unwrap_or(0);
        self.shards.get(low % self.shards.len().max(1))
    }
}

impl<T> fmt::Debug for VerifiedTokens<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedTokens")
            .field("len", &self.len())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

struct Entry<T> {
    token: Zeroizing<Box<str>>,
    key_id: Box<str>,
    exp: Timestamp,
    used: AtomicBool,
    value: T,
}

impl<T> Entry<T> {
    /// Its bytes: what it owns, itself and its hash in the table, its hash in the order.
    fn cost(&self) -> usize {
        self.token.len() + self.key_id.len() + size_of::<(u128, Self)>() + size_of::<u128>()
    }
}

/// On a cache line of its own, so that readers of neighbours do not slow each other.
#[repr(align(64))]
struct Shard<T>(RwLock<Contents<T>>);

impl<T> Shard<T> {
    // A panic in a caller's `clone` or predicate leaves the contents consistent, so a poisoned lock is used on.
    fn read(&self) -> RwLockReadGuard<'_, Contents<T>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Contents<T>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Shard<T> {
    fn default() -> Self {
        Self(RwLock::new(Contents { entries: HashMap::default(), order: VecDeque::new(), bytes: 0 }))
    }
}

struct Contents<T> {
    entries: HashMap<u128, Entry<T>, BuildHasherDefault<AlreadyHashed>>,
    /// The hash of every entry once, next to be looked at for eviction first.
    order: VecDeque<u128>,
    bytes: usize,
}

impl<T> Contents<T> {
    fn remove(&mut self, hash: u128) {
        if self.take(hash) {
            self.order.retain(|&kept| kept != hash);
        }
    }

    fn forget(&mut self, gone: impl Fn(&Entry<T>) -> bool) {
        let doomed: Vec<u128> =
            self.entries.iter().filter(|(_, entry)| gone(entry)).map(|(&hash, _)| hash).collect();
        for &hash in &doomed {
            self.take(hash);
        }
        if !doomed.is_empty() {
            self.order.retain(|hash| self.entries.contains_key(hash));
        }
    }

    /// Evicts until at most this many entries and bytes are left. Entries that were found since they were last looked at
    /// get a second chance (the CLOCK algorithm).
    fn make_room(&mut self, entries: usize, bytes: usize) {
        while self.entries.len() > entries || self.bytes > bytes {
            let Some(oldest) = self.order.pop_front() else { return };
            if self.entries.get(&oldest).is_some_and(|entry| entry.used.swap(false, Ordering::Relaxed)) {
                self.order.push_back(oldest);
            } else {
                self.take(oldest);
            }
        }
    }

    /// Removes an entry, but not its place in the order.
    fn take(&mut self, hash: u128) -> bool {
        let Some(entry) = self.entries.remove(&hash) else { return false };
        self.bytes -= entry.cost();
        true
    }
}

/// Keys of the table are hashes under a secret key already.
#[derive(Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = u64::try_from(hash >> 64).unwrap_or(0);
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NoChance, Seeded};

    fn cache(entries: usize) -> VerifiedTokens<u32> {
        VerifiedTokens::new(entries, 1 << 20, &Seeded::new(1)).unwrap()
    }

    fn proof<'a>(cache: &VerifiedTokens<u32>, key_id: &'a str) -> Proof<'a> {
        Proof { key_id, exp: Timestamp::from_secs(100), epoch: cache.epoch() }
    }

    const NOW: Timestamp = Timestamp::from_secs(50);

    #[test]
    fn the_order_holds_every_entry_exactly_once_whatever_happened() {
        let cache = cache(640);
        for round in 0..5_000_u32 {
            let token = format!("token-{}", round * 7 % 1_000);
            cache.insert(&token, proof(&cache, if round % 3 == 0 { "a" } else { "b" }), round);
            cache.find(&format!("token-{}", round % 50), NOW);
            match round % 501 {
                100 => cache.forget_key("a"),
                200 => cache.drop_token(&token),
                300 => cache.forget_where(|value| value % 5 == 0),
                _ => {}
            }
        }
        assert!(cache.shards.len() > 1 && cache.len() <= 640);
        for shard in &cache.shards {
            let contents = shard.read();
            let mut order: Vec<u128> = contents.order.iter().copied().collect();
            order.sort_unstable();
            let mut hashes: Vec<u128> = contents.entries.keys().copied().collect();
            hashes.sort_unstable();
            assert_eq!(order, hashes);
            assert_eq!(contents.bytes, contents.entries.values().map(Entry::cost).sum::<usize>());
        }
    }

    #[test]
    fn two_tokens_under_one_hash_are_told_apart() {
        let cache = cache(10);
        cache.insert("mine", proof(&cache, "k"), 1);
        let hash = cache.hash("mine");
        let mut contents = cache.shard(hash).unwrap().write();
        let entry = contents.entries.remove(&hash).unwrap();
        contents.entries.insert(cache.hash("theirs"), entry);
        drop(contents);
        assert_eq!(cache.find("theirs", NOW), None);
    }

    #[test]
    fn no_cache_without_a_random_hash_key() {
        assert!(VerifiedTokens::<u32>::new(10, 10, &NoChance).is_err());
    }
}
