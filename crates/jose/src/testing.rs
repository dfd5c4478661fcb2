//! Chance for unit tests.

use std::sync::atomic::{AtomicU64, Ordering};

use portcullis_types::{Rng, RngError};

/// Bytes that depend on the seed only.
pub(crate) struct Seeded {
    seed: u64,
    drawn: AtomicU64,
}

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0) }
    }
}

impl Rng for Seeded {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
        for chunk in dest.chunks_mut(32) {
            let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
            let block = crate::secret::sha256(&[&self.seed.to_le_bytes(), &drawn.to_le_bytes()]);
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

/// A source that always fails.
pub(crate) struct NoChance;

impl Rng for NoChance {
    fn fill(&self, _: &mut [u8]) -> Result<(), RngError> {
        Err(RngError)
    }
}
