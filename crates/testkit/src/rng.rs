use std::fs::File;
use std::io::Read as _;
use std::sync::atomic::{AtomicU64, Ordering};

use portcullis_types::{Rng, RngError};

/// Chance that repeats itself: the same seed gives the same bytes. **Not secure**: whoever knows one output knows all that
/// follow. Only for tests that run again what failed.
#[derive(Debug)]
pub struct SeededRng(AtomicU64);

impl SeededRng {
    /// The sequence of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number (SplitMix64, Steele, Lea, Flood 2014).
    pub fn next_u64(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.0.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0. The small bias of large bounds is nothing to a test.
    pub fn below(&self, bound: u64) -> u64 {
        self.next_u64().checked_rem(bound).unwrap_or(0)
    }
}

impl Rng for SeededRng {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
        for chunk in dest.chunks_mut(8) {
            let bytes = self.next_u64().to_le_bytes();
            chunk.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

/// The kernel's own chance, read without the library that `portcullis serve` takes it from: that one measures the processor's
/// jitter before its first answer in a process, for longer than everything else takes that a server starts with.
#[derive(Debug)]
pub(crate) struct KernelRng(File);

impl KernelRng {
    /// None where there is no such file.
    pub(crate) fn open() -> Option<Self> {
        File::open("/dev/urandom").ok().map(Self)
    }
}

impl Rng for KernelRng {
    fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
        (&self.0).read_exact(dest).map_err(|_unreadable| RngError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_itself_and_another_does_not() {
        let bytes = |seed| {
            let mut bytes = [0; 13];
            SeededRng::new(seed).fill(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(bytes(7), bytes(7));
        assert_ne!(bytes(7), bytes(8));
        assert!((0..100).all(|seed| SeededRng::new(seed).below(3) < 3));
        assert_eq!(SeededRng::new(1).below(0), 0);
    }

    #[test]
    fn the_sequence_is_the_published_one() {
        let rng = SeededRng::new(1_234_567);
        assert_eq!([rng.next_u64(), rng.next_u64()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
    }
}
