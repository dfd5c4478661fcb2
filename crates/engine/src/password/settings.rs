use std::path::PathBuf;

use portcullis_types::FieldError;

use super::breached;

/// How passwords are hashed and judged. [`PasswordSettings::default`] is safe.
#[derive(Clone, Debug)]
pub struct PasswordSettings {
    /// The cost of new hashes. Hashes of another cost are made anew when their user signs in.
    pub cost: HashCost,
    /// How many threads compute, 1 to 64. Each takes [`HashCost::memory_kib`] while it works.
    pub threads: usize,
    /// How many computations may wait, 1 to 65,536; more are refused with [`Error::Busy`](crate::Error::Busy).
    pub queue: usize,
    /// What a password must be to be set.
    pub policy: PasswordPolicy,
}

impl Default for PasswordSettings {
    /// Half of the cores, at least one thread; 64 may wait.
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            cost: HashCost::default(),
            threads: (cores / 2).clamp(1, 64),
            queue: 64,
            policy: PasswordPolicy::default(),
        }
    }
}

/// What one hash costs: the parameters of Argon2id (RFC 9106 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Memory in KiB, from 8 a lane to 4,194,304. Below the default only for tests.
    pub memory_kib: u32,
    /// Passes over the memory, 1 to 1,000.
    pub iterations: u32,
    /// Lanes, 1 to 64. They are computed one after the other; the parameter changes the hash, not the time.
    pub parallelism: u32,
}

impl Default for HashCost {
    /// What OWASP's Password Storage Cheat Sheet recommends as the minimum: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory_kib: 19_456, iterations: 2, parallelism: 1 }
    }
}

/// What a password must be to be set (spec `security-requirements.md` AU-01 to AU-05). There are no rules of composition.
#[derive(Clone, Debug)]
pub struct PasswordPolicy {
    /// The fewest characters (code points), 8 to 64. Below 15 only where the password is never the only factor (NIST SP
    /// 800-63B-4 §3.1.1.2).
    pub min_length: usize,
    /// The least score of zxcvbn: 0 (whatever is not among the most common) to 4 (more than 10^10 guesses). 3 is more than 10^8.
    pub min_score: u8,
    /// Words that a password must not be made of: names of the product, the company, the team. Up to 1,000.
    pub words: Vec<String>,
    /// A file of SHA-1 digests of passwords that must not be set: upper-case hexadecimal, one a line, in ascending order, each
    /// with or without `:COUNT` behind, as Have I Been Pwned offers it.
    pub breached: Option<PathBuf>,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: 15, min_score: 3, words: Vec::new(), breached: None }
    }
}

impl PasswordSettings {
    /// Refuses what is out of bounds.
    pub(crate) fn check(&self) -> Result<(), FieldError> {
        let HashCost { memory_kib, iterations, parallelism } = self.cost;
        within("argon2_parallelism", parallelism, 1, 64)?;
        within("argon2_memory_kib", memory_kib, 8 * parallelism, 4 << 20)?;
        within("argon2_iterations", iterations, 1, 1_000)?;
        within("password_threads", self.threads, 1, 64)?;
        within("password_queue", self.queue, 1, 65_536)?;
        within("password_min_length", self.policy.min_length, 8, 64)?;
        within("password_min_score", self.policy.min_score, 0, 4)?;
        within("password_words", self.policy.words.len(), 0, 1_000)?;
        match &self.policy.breached {
            // The digest of no password is looked up, to see whether it is a list.
            Some(file) if breached::contains(file, "").is_err() => Err(FieldError::new(
                "password_breached_file",
                "a file of sorted SHA-1 digests in upper case, one a line",
            )),
            _ => Ok(()),
        }
    }
}

fn within<T: PartialOrd + std::fmt::Display>(
    field: &str,
    value: T,
    min: T,
    max: T,
) -> Result<(), FieldError> {
    if value >= min && value <= max {
        Ok(())
    } else {
        Err(FieldError::new(field, format!("a number from {min} to {max}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_within_bounds_and_others_are_named() {
        PasswordSettings::default().check().unwrap();
        let cost = HashCost { memory_kib: 8, iterations: 1, parallelism: 1 };
        PasswordSettings { cost, ..PasswordSettings::default() }.check().unwrap();
        let cost = HashCost { memory_kib: 8, iterations: 1, parallelism: 2 };
        let refused = PasswordSettings { cost, ..PasswordSettings::default() }.check().unwrap_err();
        assert_eq!(refused.to_string(), "argon2_memory_kib: expected a number from 16 to 4194304");
        let policy = PasswordPolicy { min_length: 7, ..PasswordPolicy::default() };
        let refused = PasswordSettings { policy, ..PasswordSettings::default() }.check().unwrap_err();
        assert_eq!(refused.field, "password_min_length");
    }
}
