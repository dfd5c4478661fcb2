use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

use super::address::Key;

/// Until when each key has used up its share, for a bounded number of keys. When all places are taken, new ones share one:
/// whoever floods from many addresses makes strangers wait, never the memory grow.
pub(super) struct BoundedStore {
    keys: Mutex<HashMap<Key, Nanos>>,
    most: usize,
}

impl BoundedStore {
    pub(super) fn new(most: usize) -> Self {
        Self { keys: Mutex::default(), most }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Nanos>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for BoundedStore {
    type Key = Key;

    fn measure_and_replace<T, F, E>(&self, key: &Key, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut keys = self.lock();
        let has_place = keys.len() < self.most || keys.contains_key(key);
        let key = if has_place { *key } else { Key::Shared };
        let (outcome, next) = measure(keys.get(&key).copied())?;
        keys.insert(key, next);
        Ok(outcome)
    }
}

impl ShrinkableKeyedStateStore<Key> for BoundedStore {
    fn retain_recent(&self, drop_below: Nanos) {
        self.lock().retain(|_, until| *until > drop_below);
    }

    fn shrink_to_fit(&self) {
        self.lock().shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.lock().len()
    }

    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}
