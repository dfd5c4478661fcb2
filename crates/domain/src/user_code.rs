use std::fmt;

use portcullis_types::{Rng, RngError};

/// The letters of a user code: no vowels, so that no word comes about, and nothing that is easily taken for something else
/// (RFC 8628 §6.1).
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
const LENGTH: usize = 8;
/// The largest multiple of 20 that a byte reaches: bytes from here on are thrown away, so that every letter is equally likely.
const FAIR: u8 = 240;
/// The longest text that is looked at.
const MAX_TYPED: usize = 64;

/// What a person types to say which device they mean: eight letters of twenty (34.5 bits), shown as `XXXX-XXXX` (RFC 8628 §6.1,
/// spec `client-handlers.md` §3.1).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserCode([u8; LENGTH]);

impl UserCode {
    /// How many codes there are: 20^8.
    pub const COUNT: i64 = 25_600_000_000;

    /// A new one; every one is equally likely.
    ///
    /// # Errors
    /// [`RngError`].
    pub fn generate(rng: &dyn Rng) -> Result<Self, RngError> {
        let mut code = [0; LENGTH];
        let mut places = code.iter_mut();
        // A fill holds enough nearly always; a source that gives none in a hundred is broken.
        for _ in 0..100 {
            let mut bytes = [0; 16];
            rng.fill(&mut bytes)?;
            for letter in bytes.into_iter().filter_map(fair_letter) {
                match places.next() {
                    Some(place) => *place = letter,
                    None => return Ok(Self(code)),
                }
            }
            if places.len() == 0 {
                return Ok(Self(code));
            }
        }
        Err(RngError)
    }

    /// What somebody typed: in upper or lower case, with dashes, spaces or anything else that is no letter of a code between
    /// them, which is left out. `None` if that leaves another number than eight.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > MAX_TYPED {
            return None;
        }
        let letters =
            typed.bytes().map(|byte| byte.to_ascii_uppercase()).filter(|byte| ALPHABET.contains(byte));
        let letters: Vec<u8> = letters.collect();
        letters.try_into().ok().map(Self)
    }

    /// Its letters alone: what is digested.
    pub const fn letters(&self) -> &[u8] {
        &self.0
    }
}

fn fair_letter(byte: u8) -> Option<u8> {
    if byte < FAIR { ALPHABET.get(usize::from(byte) % ALPHABET.len()).copied() } else { None }
}

/// `XXXX-XXXX`.
impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, letter) in self.0.iter().enumerate() {
            let dash = if at == LENGTH / 2 { "-" } else { "" };
            write!(f, "{dash}{}", char::from(*letter))?;
        }
        Ok(())
    }
}

/// Whoever knows it can take the sign-in over: it does not belong in logs.
impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Counts through all bytes, in another order each time.
    struct Steps(AtomicU64, u64);

    impl Rng for Steps {
        fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
            for byte in dest {
                *byte = u8::try_from(self.0.fetch_add(self.1, Ordering::Relaxed) % 256).unwrap();
            }
            Ok(())
        }
    }

    #[test]
    fn dv_01_every_letter_is_equally_likely() {
        let rng = Steps(AtomicU64::new(0), 1);
        let mut counts = std::collections::BTreeMap::new();
        // Every byte comes as often as any other: so must every letter, which it would not without throwing some away.
        for _ in 0..256 * 15 {
            for letter in UserCode::generate(&rng).unwrap().letters() {
                *counts.entry(*letter).or_insert(0_u32) += 1;
            }
        }
        assert_eq!(counts.len(), 20);
        let (least, most) = (counts.values().min().unwrap(), counts.values().max().unwrap());
        assert!(most - least <= most / 50, "{counts:?}");
    }

    #[test]
    fn dv_01_a_code_has_34_bits() {
        assert_eq!((UserCode::COUNT, UserCode::COUNT.ilog2()), (20_i64.pow(8), 34));
    }

    #[test]
    fn a_broken_source_gives_an_error_and_no_code() {
        assert_eq!(UserCode::generate(&Steps(AtomicU64::new(255), 0)), Err(RngError));
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = UserCode::parse("BCDF-GHJK").unwrap();
        for typed in
            ["bcdfghjk", " BCDF GHJK ", "b-c-d-f-g-h-j-k", "BCDF\u{2013}GHJK", "1BCDF.GHJK2", "aBCDFGHJKe"]
        {
            assert_eq!(UserCode::parse(typed), Some(code), "{typed}");
        }
        assert_eq!((code.to_string().as_str(), code.letters()), ("BCDF-GHJK", b"BCDFGHJK".as_slice()));
        for typed in ["", "BCDF-GHJ", "BCDF-GHJKL", "ААААВВВВ", &"B".repeat(65), &"-".repeat(1 << 20)]
        {
            assert_eq!(UserCode::parse(typed), None, "{typed:.20}");
        }
        assert_eq!(format!("{code:?}"), "UserCode(..)");
    }
}
