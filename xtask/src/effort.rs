//! How hard the randomised tests try, told to them through environment variables.

use std::hash::{BuildHasher, RandomState};

use crate::arguments;
use crate::error::Result;

/// The flags that change an effort.
pub(crate) const FLAGS: [&str; 3] = ["--seed", "--kills", "--worlds"];

/// The seed and the counts of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Effort {
    seed: u32,
    kills: u32,
    worlds: u32,
}

impl Effort {
    /// What every change waits for.
    pub(crate) fn quick() -> Self {
        Self { seed: any_seed(), kills: 10, worlds: 2_000 }
    }

    /// What a release waits for.
    pub(crate) fn long() -> Self {
        Self { seed: any_seed(), kills: 300, worlds: 50_000 }
    }

    /// Takes over the value of one of [`FLAGS`]; says whether the flag was one of them.
    pub(crate) fn take(&mut self, flag: &str, value: &str) -> Result<bool> {
        let place = match flag {
            "--seed" => &mut self.seed,
            "--kills" => &mut self.kills,
            "--worlds" => &mut self.worlds,
            _ => return Ok(false),
        };
        *place = arguments::number(flag, value)?;
        Ok(true)
    }

    /// The variables that the tests read.
    pub(crate) fn variables(self) -> [(&'static str, String); 3] {
        [
            ("PORTCULLIS_SEED", self.seed.to_string()),
            ("PORTCULLIS_KILLS", self.kills.to_string()),
            ("PORTCULLIS_WORLDS", self.worlds.to_string()),
        ]
    }

    /// Says how to repeat this run.
    pub(crate) fn announce(self) {
        eprintln!("seed {seed}; the same again: --seed {seed}", seed = self.seed);
    }
}

/// A new seed for every run, so that runs add up; 32 bits, so that every language can hold it.
fn any_seed() -> u32 {
    let [a, b, c, d, ..] = RandomState::new().hash_one("seed").to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_override_the_counts() {
        let mut effort = Effort::long();
        assert!(effort.take("--kills", "3").unwrap());
        assert!(effort.take("--seed", "9").unwrap());
        assert!(!effort.take("--only", "unit").unwrap());
        assert_eq!(effort, Effort { seed: 9, kills: 3, worlds: 50_000 });
    }
}
