use portcullis_types::{Rng, RngError};

/// The secret under which paths, actions and principals are hashed. Made anew for each process, so that nobody outside can
/// look for names that collide; 122 bits are compared on a hit, so that equal means the same name.
///
/// A name is read as a polynomial, up to seven bytes a coefficient, and its hash is the values at two secret places modulo
/// the prime 2^61 - 1. Two names of up to `n` coefficients agree at no more than `n` places each, so that they collide with
/// a probability of at most `(n / 2^61)^2`: below 2^-108 for the longest path. The value of every beginning of a path falls
/// out on the way.
#[derive(Clone)]
pub struct HashKey {
    places: [u64; 2],
}

/// 128 keyed bits that stand for a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NameHash {
    pub(crate) high: u64,
    pub(crate) low: u64,
}

/// The hash of a name that is put together of parts: the segments of a path, the parts of an action. It can be read after
/// each of them.
#[derive(Clone, Copy)]
pub(crate) struct Parts {
    places: [u64; 2],
    values: [u64; 2],
}

/// What kind of name is hashed: equal names of different kinds have different hashes.
#[derive(Clone, Copy)]
pub(crate) enum NameKind {
    Path = 1,
    Action = 2,
    User = 3,
    Group = 4,
    Token = 5,
}

impl HashKey {
    /// Makes a key from the given source of chance.
    ///
    /// # Errors
    /// [`RngError`] when it has none to give.
    pub fn generate(rng: &dyn Rng) -> Result<Self, RngError> {
        let place = || {
            let mut bytes = [0u8; 8];
            rng.fill(&mut bytes)?;
            // Also a source that always gives the same, in somebody's test, makes a place that keeps names apart.
            Ok((u64::from_le_bytes(bytes) ^ SPREADER) % PRIME)
        };
        Ok(Self { places: [place()?, place()?] })
    }

    /// A name without parts.
    #[inline]
    pub(crate) fn parts(&self, kind: NameKind) -> Parts {
        // The kind is the first coefficient. It is not zero, so that names of other lengths are other polynomials.
        Parts { places: self.places, values: [kind as u64; 2] }
    }

    /// A name of one part.
    #[inline]
    pub(crate) fn name(&self, kind: NameKind, name: &str) -> NameHash {
        let mut parts = self.parts(kind);
        parts.push(name.as_bytes(), 0, name.len());
        parts.read()
    }

    /// A path in its normal form.
    pub(crate) fn path(&self, path: &str) -> NameHash {
        let mut parts = self.parts(NameKind::Path);
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            parts.push(segment.as_bytes(), 0, segment.len());
        }
        parts.read()
    }
}

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(..)")
    }
}

/// An odd number without a pattern (2^64 divided by the golden ratio).
const SPREADER: u64 = 0x9E37_79B9_7F4A_7C15;
/// 2^61 - 1.
const PRIME: u64 = (1 << 61) - 1;
/// The bytes in a coefficient. Above them it says how many they are, or [`MORE`].
const BYTES: usize = 7;
/// What a coefficient says that is not the last of its part.
const MORE: u64 = 8;

impl Parts {
    /// Appends the part that is in `text` from `start` to `end`.
    #[inline]
    pub(crate) fn push(&mut self, text: &[u8], start: usize, end: usize) {
        self.push_words(start, end, |start, bytes| word(text, start, bytes));
    }

    /// As [`Parts::push`], for the letters of actions, whatever their case.
    #[inline]
    pub(crate) fn push_folded(&mut self, text: &[u8], start: usize, end: usize) {
        // Of the characters in an action this bit is the case of the letters; the others have it, but for `_`, which becomes
        // a character of its own.
        const LOWER: u64 = 0x0020_2020_2020_2020;
        self.push_words(start, end, |start, bytes| word(text, start, bytes) | (LOWER & low_bytes(bytes)));
    }

    #[inline]
    fn push_words(&mut self, mut start: usize, end: usize, word: impl Fn(usize, usize) -> u64) {
        while start + BYTES < end {
            self.append(word(start, BYTES), MORE);
            start += BYTES;
        }
        self.append(word(start, end - start), (end - start) as u64);
    }

    #[inline]
    fn append(&mut self, word: u64, says: u64) {
        let coefficient = word | (says << (8 * BYTES));
        let ([first, second], [at_first, at_second]) = (self.values, self.places);
        self.values = [times_plus(first, at_first, coefficient), times_plus(second, at_second, coefficient)];
    }

    #[inline]
    pub(crate) fn read(&self) -> NameHash {
        let [high, low] = self.values.map(spread);
        NameHash { high, low }
    }
}

/// At most seven `bytes` of `text` from `place` on, the first lowest.
#[inline]
fn word(text: &[u8], place: usize, bytes: usize) -> u64 {
    let rest = text.get(place..).unwrap_or_default();
    let word = match (rest.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(word), _) => u64::from_le_bytes(*word),
        // Near the end: what comes before is shifted out.
        (None, Some(last)) => u64::from_le_bytes(*last).checked_shr(8 * (8 - rest.len() as u32)).unwrap_or(0),
        (None, None) => short_word(rest),
    };
    word & low_bytes(bytes)
}

/// All bits of so many bytes, at most seven.
#[inline]
fn low_bytes(bytes: usize) -> u64 {
    (1 << (8 * bytes)) - 1
}

#[cold]
fn short_word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

/// `value * place + coefficient`, modulo [`PRIME`] but for a multiple of it that keeps the result below 2^61 + 3.
#[inline]
fn times_plus(value: u64, place: u64, coefficient: u64) -> u64 {
    let product = u128::from(value) * u128::from(place);
    let sum = (product as u64 & PRIME) + (product >> 61) as u64 + coefficient;
    (sum & PRIME) + (sum >> 61)
}

/// Lets every bit depend on all: tables take their places from a few of them. No two values become one.
#[inline]
fn spread(value: u64) -> u64 {
    let value = if value >= PRIME { value - PRIME } else { value };
    let value = (value ^ (value >> 32)).wrapping_mul(SPREADER);
    value ^ (value >> 32)
}

impl NameHash {
    /// A place among `places`, by multiplication, which needs no power of two.
    pub(crate) fn place(self, places: usize) -> usize {
        usize::try_from((u128::from(self.high) * (places as u128)) >> 64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    struct Always(u8);
    impl Rng for Always {
        fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
            dest.fill(self.0);
            Ok(())
        }
    }

    #[test]
    fn names_of_every_length_and_cut_into_any_two_parts_have_hashes_of_their_own() {
        let text = "0123456789abcdefghijklmnopqrstuvwxyz/0000000000000000";
        for byte in [0, 1, 0x5a, 255] {
            let key = HashKey::generate(&Always(byte)).unwrap();
            let mut seen = HashSet::new();
            for len in 0..=text.len() {
                assert!(seen.insert(key.name(NameKind::User, &text[..len])), "{len}");
                assert!(seen.insert(key.name(NameKind::Group, &text[..len])), "{len}");
                for cut in 0..=len {
                    let mut parts = key.parts(NameKind::User);
                    parts.push(text.as_bytes(), 0, cut);
                    parts.push(text.as_bytes(), cut, len);
                    assert!(seen.insert(parts.read()), "{cut} of {len}");
                }
            }
        }
    }

    #[test]
    fn a_part_is_the_same_wherever_it_lies() {
        let key = HashKey::generate(&Always(7)).unwrap();
        for len in 0..24 {
            let part = &"abcdefghijklmnopqrstuvwx"[..len];
            let alone = key.name(NameKind::User, part);
            for (before, after) in [(0, 1), (1, 0), (9, 9), (3, 30)] {
                let text = ["-".repeat(before), part.to_owned(), "-".repeat(after)].concat();
                let mut parts = key.parts(NameKind::User);
                parts.push(text.as_bytes(), before, before + len);
                assert_eq!(parts.read(), alone, "{len} bytes after {before}");
            }
        }
    }
}
