//! May this hash of another system be taken over?
//!
//! A hash says itself how much work and memory it takes to compare with, and a login does that work: what is taken over has
//! bounds, far above what any system recommends, or one line of an import would be a denial of service.
//!
//! bcrypt hashes only the first 72 bytes of a password, and every system that made such hashes cut longer ones. Until its user
//! signs in, a taken-over bcrypt hash therefore also matches passwords that differ after byte 72; the hash made at that
//! login is of every byte.

use portcullis_types::FieldError;

use super::settings::HashCost;
use super::stored::StoredHash;

/// The dearest bcrypt hash: about two seconds.
const MAX_BCRYPT_COST: u32 = 15;
/// The most memory of Argon2 and scrypt: 256 MiB.
const MAX_MEMORY_KIB: u64 = 256 << 10;
/// The most memory, counted once for each pass, of Argon2; and for each lane, of scrypt: 1 GiB.
const MAX_WORK_KIB: u64 = 1 << 20;
/// The most rounds of PBKDF2: four times what OWASP and Django recommend.
const MAX_ITERATIONS: u32 = 5_000_000;
/// The longest salt and hash.
const MAX_PART: usize = 128;

const FORMATS: &str = "a hash of a known format: $argon2id$, $argon2i$, $argon2d$, $2a$, $2b$, $2y$, $scrypt$, $pbkdf2-sha256$, \
                       $pbkdf2-sha512$, or Django's pbkdf2_sha256$";

/// Refuses a hash of an unknown format, or one that would cost too much.
pub(super) fn check(field: &str, text: &str) -> Result<(), FieldError> {
    let expected = |expected: &str| Err(FieldError::new(field, expected));
    let Some(stored) = StoredHash::parse(text) else { return expected(FORMATS) };
    match stored {
        StoredHash::Argon2 { cost, salt, hash, .. } => {
            let HashCost { memory_kib, iterations, parallelism } = cost;
            let memory = u64::from(memory_kib);
            let valid = argon2::Params::new(memory_kib, iterations, parallelism, Some(hash.len())).is_ok();
            let bounded =
                memory <= MAX_MEMORY_KIB && memory.saturating_mul(iterations.into()) <= MAX_WORK_KIB;
            if !valid || !bounded || parallelism > 64 || salt.len() < argon2::MIN_SALT_LEN {
                return expected("an Argon2 hash of at most 256 MiB, 1 GiB over all passes, and 64 lanes");
            }
        }
        StoredHash::Bcrypt { cost, .. } => {
            if !(4..=MAX_BCRYPT_COST).contains(&cost) {
                return expected("a bcrypt hash of a cost from 4 to 15");
            }
        }
        StoredHash::Scrypt { log_n, r, p, .. } => {
            let block = u64::from(r).saturating_mul(128);
            let memory_kib = 1_u64.checked_shl(log_n.into()).unwrap_or(u64::MAX).saturating_mul(block) >> 10;
            let bounded = memory_kib <= MAX_MEMORY_KIB && memory_kib.saturating_mul(p.into()) <= MAX_WORK_KIB;
            if scrypt::Params::new(log_n, r, p).is_err() || !bounded {
                return expected("a scrypt hash of at most 256 MiB, and 1 GiB over all p");
            }
        }
        StoredHash::Pbkdf2 { iterations, salt, hash, .. } => {
            if iterations.get() > MAX_ITERATIONS
                || salt.len() > MAX_PART
                || !(16..=MAX_PART).contains(&hash.len())
            {
                return expected(
                    "a PBKDF2 hash of 16 to 128 bytes, at most 5000000 rounds, and a salt of at most 128 bytes",
                );
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use portcullis_types::Sensitive;

    use super::super::hash::{Memory, Verdict, verify};
    use super::super::normalized::NormalizedPassword;
    use super::*;

    const CHEAP: HashCost = HashCost { memory_kib: 64, iterations: 1, parallelism: 1 };

    fn verdict(presented: &str, stored: &str) -> Verdict {
        let password = NormalizedPassword::read("password", &Sensitive::new(presented)).unwrap();
        verify(CHEAP, &password, Some(stored), &mut Memory::default()).unwrap()
    }

    /// Hashes that other software made of a password.
    const FOREIGN: &[(&str, &str)] = &[
        ("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
        (
            "password",
            "argon2$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        ),
        ("password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"),
        ("password", "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"),
        (
            "seven quiet herons",
            "$pbkdf2-sha256$i=1500,l=32$AAECAwQFBgcICQoLDA0ODw$ZWJa+fp1aMRxGL8NgGUmYorpaG96a0Ibz/OZY/UKb98",
        ),
        (
            "seven quiet herons",
            "$pbkdf2-sha256$1500$AAECAwQFBgcICQoLDA0ODw$ZWJa.fp1aMRxGL8NgGUmYorpaG96a0Ibz/OZY/UKb98",
        ),
        (
            "seven quiet herons",
            "$pbkdf2-sha512$i=1500$AAECAwQFBgcICQoLDA0ODw$34VI5K/okPP1QXvLMxL2Iyc9RMwKKPXszdoMVOkW4pFwchdGVRzuo497paij3bjcmR4f6xockI6dOwYZv3rThw",
        ),
        ("seven quiet herons", "$pbkdf2$1500$AAECAwQFBgcICQoLDA0ODw$bvhBombQfWxk5nEMl0dTsW0zRZg"),
        ("seven quiet herons", "pbkdf2_sha256$1500$seasalt2026$QaZs+mRbVh4ndcxsFySIwPOv6lRKBrqP3dy8rnjwObk="),
        (
            "seven quiet herons",
            "$scrypt$ln=4,r=8,p=2$AAECAwQFBgcICQoLDA0ODw$bPHwtIS4PC1wk/wQ+3yFg7oDh5hr4ZCkBBA6l7J0yYg",
        ),
        ("seven quiet herons", "$2a$04$abcdefghijklmnopqrstuurG5D6a6zaNUFhrAAFGoAlb4fspP1RXy"),
        ("seven quiet herons", "$2b$04$abcdefghijklmnopqrstuurG5D6a6zaNUFhrAAFGoAlb4fspP1RXy"),
        ("seven quiet herons", "$2y$04$abcdefghijklmnopqrstuurG5D6a6zaNUFhrAAFGoAlb4fspP1RXy"),
    ];

    #[test]
    fn hashes_of_other_systems_match_and_are_made_anew() {
        for (password, stored) in FOREIGN {
            check("passwordHash", stored).unwrap();
            assert_eq!(verdict(password, stored), Verdict { matches: true, outdated: true }, "{stored}");
            assert!(!verdict(&format!("{password}x"), stored).matches || password.len() >= 72, "{stored}");
            assert!(!verdict("another", stored).matches, "{stored}");
        }
    }

    #[test]
    fn what_is_no_hash_is_refused_with_the_formats_and_never_shown() {
        for wrong in [
            "",
            "hunter2",
            "$2x$04$abcdefghijklmnopqrstuu5uKxHG9sTPKCkhGMgjRyjqpJhAaTOLa",
            "$2b$04$short",
            "$1$salt$hash",
            "$argon2id$v=19$m=64,t=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo",
            "$argon2id$v=20$m=64,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo",
            "$scrypt$ln=999,r=8,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo",
            "$pbkdf2-md5$1000$c29tZXNhbHQ$aGFzaGhhc2hoYXNo",
            "pbkdf2_sha256$zero$salt$aGFzaGhhc2hoYXNo",
            "pbkdf2_sha256$0$salt$aGFzaGhhc2hoYXNo",
        ] {
            let refused = check("passwordHash", wrong).unwrap_err();
            assert_eq!(
                (refused.field.as_str(), refused.expected.as_str()),
                ("passwordHash", FORMATS),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_hash_that_costs_too_much_is_refused() {
        let hash = "aGFzaGhhc2hoYXNoaGFzaA";
        for (wrong, expected) in [
            (format!("$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ${hash}"), "an Argon2 hash"),
            (format!("$argon2id$v=19$m=65536,t=100,p=1$c29tZXNhbHQ${hash}"), "an Argon2 hash"),
            ("$2b$31$abcdefghijklmnopqrstuu5uKxHG9sTPKCkhGMgjRyjqpJhAaTOLa".to_owned(), "a bcrypt hash"),
            (format!("$scrypt$ln=24,r=8,p=1$c29tZXNhbHQ${hash}"), "a scrypt hash"),
            (format!("$scrypt$ln=17,r=8,p=64$c29tZXNhbHQ${hash}"), "a scrypt hash"),
            (format!("$pbkdf2-sha256$i=4000000000$c29tZXNhbHQ${hash}"), "a PBKDF2 hash"),
            ("$pbkdf2-sha256$i=1000$c29tZXNhbHQ$aGFzaA".to_owned(), "a PBKDF2 hash"),
        ] {
            let refused = check("passwordHash", &wrong).unwrap_err();
            assert!(refused.expected.starts_with(expected), "{wrong}: {refused}");
        }
    }

    #[test]
    fn bcrypt_cuts_after_72_bytes_as_those_who_made_it_did_and_nul_is_no_way_in() {
        let long = "a".repeat(80);
        let stored = bcrypt::hash_with_salt(&long, 4, [7; 16]).unwrap().to_string();
        assert!(verdict(&long, &stored).matches);
        assert!(verdict(&"a".repeat(72), &stored).matches);
        assert!(!verdict(&"a".repeat(71), &stored).matches);
        let stored = bcrypt::hash_with_salt("abc", 4, [7; 16]).unwrap().to_string();
        assert!(verdict("abc", &stored).matches);
        assert!(!verdict("abc\0abc", &stored).matches, "au_02: every byte counts, NUL too");
    }
}
