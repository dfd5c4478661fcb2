//! How a password is stored, and whether this is the stored one.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::error::PasswordError;
use super::normalized::NormalizedPassword;
use super::settings::HashCost;
use super::stored::StoredHash;

/// How many random bytes each hash has of its own (RFC 9106 §3.1).
pub(super) const SALT_LEN: usize = 16;
const HASH_LEN: usize = 32;

/// What came of comparing a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether it is the password.
    pub(crate) matches: bool,
    /// Whether the stored hash is not what [`make`] would store now (another algorithm or cost, another normalisation): whoever
    /// has the right password then stores it anew (AU-20). Never set when it does not match.
    pub(crate) outdated: bool,
}

/// The memory that Argon2 fills, kept from one computation to the next: taking it from the system each time costs more than a
/// tenth of a hash.
#[derive(Default)]
pub(crate) struct Memory(Vec<Block>);

impl Memory {
    fn blocks(&mut self, count: usize) -> Result<&mut [Block], PasswordError> {
        if let Some(missing) = count.checked_sub(self.0.len()) {
            self.0.try_reserve_exact(missing).map_err(|_too_much| PasswordError::Memory)?;
            self.0.resize(count, Block::new());
        }
        self.0.get_mut(..count).ok_or(PasswordError::Memory)
    }

    /// Gives back what only a hash of another cost needed.
    fn keep(&mut self, cost: HashCost) {
        let usual = usize::try_from(cost.memory_kib).unwrap_or(usize::MAX);
        if self.0.len() > usual {
            self.0.truncate(usual);
            self.0.shrink_to_fit();
        }
    }
}

/// A hash to store: a PHC string, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
pub(super) fn make(
    cost: HashCost,
    password: &NormalizedPassword,
    salt: &[u8; SALT_LEN],
    memory: &mut Memory,
) -> Result<String, PasswordError> {
    let mut hash = [0; HASH_LEN];
    argon2(Algorithm::Argon2id, Version::V0x13, cost, password.text().as_bytes(), salt, &mut hash, memory)?;
    let HashCost { memory_kib, iterations, parallelism } = cost;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    Ok(format!("$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${salt}${hash}"))
}

/// Compares a password with what is stored, and otherwise does the same work: for a user who does not exist, or has no
/// password, `stored` is absent (AU-09).
///
/// A hash of another cost or algorithm takes another time than that; it is gone with its user's next login.
pub(super) fn verify(
    cost: HashCost,
    password: &NormalizedPassword,
    stored: Option<&str>,
    memory: &mut Memory,
) -> Result<Verdict, PasswordError> {
    let stored = match stored {
        Some(text) => Some(StoredHash::parse(text).ok_or(PasswordError::Unreadable)?),
        None => None,
    };
    let mut verdict = Verdict { matches: false, outdated: false };
    for (index, candidate) in password.candidates().enumerate() {
        let Some(stored) = &stored else {
            argon2(
                Algorithm::Argon2id,
                Version::V0x13,
                cost,
                candidate,
                &[0; SALT_LEN],
                &mut [0; HASH_LEN],
                memory,
            )?;
            continue;
        };
        if stored.matches(candidate, memory)? {
            verdict = Verdict { matches: true, outdated: index > 0 || !stored.is_current(cost) };
            break;
        }
    }
    memory.keep(cost);
    Ok(verdict)
}

/// Argon2 (RFC 9106).
#[expect(clippy::too_many_arguments, reason = "these are the inputs of the function in the RFC")]
pub(super) fn argon2(
    algorithm: Algorithm,
    version: Version,
    cost: HashCost,
    password: &[u8],
    salt: &[u8],
    hash: &mut [u8],
    memory: &mut Memory,
) -> Result<(), PasswordError> {
    let refused = |_refused: argon2::Error| PasswordError::Hash("Argon2 refuses its parameters");
    let params =
        Params::new(cost.memory_kib, cost.iterations, cost.parallelism, Some(hash.len())).map_err(refused)?;
    let blocks = memory.blocks(params.block_count())?;
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password, salt, hash, blocks)
        .map_err(refused)
}

#[cfg(test)]
mod tests {
    use portcullis_types::Sensitive;

    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 64, iterations: 1, parallelism: 1 };

    fn password(text: &str) -> NormalizedPassword {
        NormalizedPassword::read("password", &Sensitive::new(text)).unwrap()
    }

    fn made(text: &str) -> String {
        make(CHEAP, &password(text), &[9; SALT_LEN], &mut Memory::default()).unwrap()
    }

    fn verdict(cost: HashCost, presented: &str, stored: &str) -> Verdict {
        verify(cost, &password(presented), Some(stored), &mut Memory::default()).unwrap()
    }

    #[test]
    fn au_02_every_byte_counts() {
        let long = "x".repeat(256);
        let stored = made(&long);
        assert!(verdict(CHEAP, &long, &stored).matches);
        for place in [0, 71, 72, 73, 128, 255] {
            let mut other = long.clone();
            other.replace_range(place..=place, "y");
            assert!(!verdict(CHEAP, &other, &stored).matches, "byte {place}");
        }
        assert!(!verdict(CHEAP, &long[..255], &stored).matches);
        let stored = made("before\0after");
        assert!(verdict(CHEAP, "before\0after", &stored).matches);
        for other in ["before", "before\0", "before\0other"] {
            assert!(!verdict(CHEAP, other, &stored).matches);
        }
    }

    #[test]
    fn au_03_one_normalisation_at_set_and_verify() {
        let stored = made("cafe\u{301} au lait");
        for same in ["cafe\u{301} au lait", "caf\u{e9} au lait"] {
            assert_eq!(verdict(CHEAP, same, &stored), Verdict { matches: true, outdated: false });
        }
    }

    #[test]
    fn what_another_system_hashed_as_it_was_typed_matches_once_and_is_outdated() {
        let typed = "cafe\u{301}";
        let mut hash = [0; HASH_LEN];
        let (salt, memory) = ([9; SALT_LEN], &mut Memory::default());
        argon2(Algorithm::Argon2id, Version::V0x13, CHEAP, typed.as_bytes(), &salt, &mut hash, memory)
            .unwrap();
        let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
        let stored = format!("$argon2id$v=19$m=64,t=1,p=1${salt}${hash}");
        assert_eq!(verdict(CHEAP, typed, &stored), Verdict { matches: true, outdated: true });
    }

    #[test]
    fn au_20_hashes_are_salted_memory_hard_and_name_their_parameters() {
        let stored = made("one");
        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$CQkJCQkJCQkJCQkJCQkJCQ$"), "{stored}");
        let other = make(CHEAP, &password("one"), &[8; SALT_LEN], &mut Memory::default()).unwrap();
        assert_ne!(stored, other);
        assert_eq!(StoredHash::parse(&stored).map(|hash| hash.is_current(CHEAP)), Some(true));
    }

    #[test]
    fn au_20_a_hash_of_another_cost_is_outdated_when_it_matches() {
        let stored = made("one");
        let dearer = HashCost { iterations: 2, ..CHEAP };
        assert_eq!(verdict(dearer, "one", &stored), Verdict { matches: true, outdated: true });
        assert_eq!(verdict(dearer, "two", &stored), Verdict { matches: false, outdated: false });
    }

    #[test]
    fn a_stored_text_that_is_no_hash_is_no_yes() {
        let error = verify(CHEAP, &password("one"), Some("one"), &mut Memory::default()).unwrap_err();
        assert!(matches!(error, PasswordError::Unreadable));
    }

    #[test]
    fn the_hash_is_the_one_of_the_reference_implementation() {
        // argon2 -id -t 2 -m 8 -p 1 -l 32, from the phc-winner-argon2 tests: password "password", salt "somesalt".
        let stored = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert!(verdict(CHEAP, "password", stored).matches);
        assert!(!verdict(CHEAP, "Password", stored).matches);
    }

    #[test]
    fn memory_of_a_dearer_hash_is_given_back() {
        let mut memory = Memory::default();
        memory.blocks(512).unwrap();
        memory.keep(CHEAP);
        assert_eq!(memory.0.len(), 64);
        assert!(memory.0.capacity() < 128);
    }
}
