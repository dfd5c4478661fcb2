use std::hash::Hasher;

use portcullis_types::{Rng, RngError};
use siphasher::sip128::{Hasher128, SipHasher13};

/// The secret under which paths, actions and principals are hashed. Made anew for each process, so that nobody outside can
/// look for names that collide; 128 bits are compared on a hit, so that equal means the same name.
#[derive(Clone)]
pub struct HashKey(SipHasher13);

/// 128 keyed bits that stand for a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NameHash {
    pub(crate) high: u64,
    pub(crate) low: u64,
}

/// A hash that is fed piece by piece and can be read after each piece.
pub(crate) struct PrefixHasher(SipHasher13);

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
        let mut key = [0u8; 16];
        rng.fill(&mut key)?;
        Ok(Self(SipHasher13::new_with_key(&key)))
    }

    pub(crate) fn start(&self, kind: NameKind) -> PrefixHasher {
        let mut hasher = self.0;
        hasher.write_u8(kind as u8);
        PrefixHasher(hasher)
    }

    pub(crate) fn name(&self, kind: NameKind, name: &str) -> NameHash {
        let mut hasher = self.start(kind);
        hasher.feed(name.as_bytes());
        hasher.read()
    }
}

impl std::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashKey(..)")
    }
}

impl PrefixHasher {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    pub(crate) fn read(&self) -> NameHash {
        let hash = self.0.finish128();
        NameHash { high: hash.h1, low: hash.h2 }
    }
}

impl NameHash {
    /// A place among `places`, by multiplication, which needs no power of two.
    pub(crate) fn place(self, places: usize) -> usize {
        usize::try_from((u128::from(self.high) * (places as u128)) >> 64).unwrap_or(0)
    }
}
