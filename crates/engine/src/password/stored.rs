//! Which formats of stored hashes there are. Ours is Argon2id; the others come from other systems and are replaced when their
//! user signs in.
//!
//! To add a format: a variant of [`StoredHash`], its reading in [`StoredHash::parse`], its comparison in
//! [`StoredHash::matches`], its bounds in `import.rs`.

use std::num::NonZeroU32;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Version};
use aws_lc_rs::{constant_time, pbkdf2};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

use super::error::PasswordError;
use super::hash::{Memory, argon2};
use super::settings::HashCost;

/// With or without padding, as the systems differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A hash, and all that is needed to compare a password with it.
pub(super) enum StoredHash {
    /// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, the same for `argon2i` and `argon2d`; Django's have the prefix `argon2`.
    Argon2 { algorithm: Algorithm, version: Version, cost: HashCost, salt: Vec<u8>, hash: Vec<u8> },
    /// `$2a$`, `$2b$`, `$2y$`, the cost, and 53 characters. `$2x$`, of a version with a known flaw, is not among them.
    Bcrypt { cost: u32, text: String },
    /// `$scrypt$ln=…,r=…,p=…$salt$hash`.
    Scrypt { log_n: u8, r: u32, p: u32, salt: Vec<u8>, hash: Vec<u8> },
    /// `$pbkdf2-sha256$i=…$salt$hash`, passlib's `$pbkdf2-sha256$…$salt$hash`, Django's `pbkdf2_sha256$…$salt$hash`; the same
    /// for SHA-512 and, of old systems, SHA-1 (`pbkdf2`, `pbkdf2-sha1`, `pbkdf2_sha1`).
    Pbkdf2 { algorithm: pbkdf2::Algorithm, iterations: NonZeroU32, salt: Vec<u8>, hash: Vec<u8> },
}

impl StoredHash {
    /// Reads any of the formats.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(of_django) = text.strip_prefix("argon2$") {
            return parse_argon2(&format!("${of_django}"));
        }
        let fields: Vec<&str> = text.split('$').collect();
        match *fields.as_slice() {
            ["", "argon2id" | "argon2i" | "argon2d", ..] => parse_argon2(text),
            ["", "scrypt", ..] => parse_scrypt(text),
            ["", "2a" | "2b" | "2y", cost, _] => parse_bcrypt(text, cost),
            ["", name, iterations, salt, hash] => {
                let iterations = iterations.strip_prefix("i=").unwrap_or(iterations);
                // `l=` repeats the length of the hash.
                let iterations = iterations.split_once(",l=").map_or(iterations, |(before, _)| before);
                let salt = unpack(salt)?;
                parse_pbkdf2(name.strip_prefix("pbkdf2")?, '-', iterations, salt, hash)
            }
            [name, iterations, salt, hash] => {
                let salt = salt.as_bytes().to_vec();
                parse_pbkdf2(name.strip_prefix("pbkdf2")?, '_', iterations, salt, hash)
            }
            _ => None,
        }
    }

    /// Whether it was made of `password`. Takes the same time whether it does or not.
    pub(super) fn matches(&self, password: &[u8], memory: &mut Memory) -> Result<bool, PasswordError> {
        match self {
            Self::Argon2 { algorithm, version, cost, salt, hash } => {
                let mut computed = vec![0; hash.len()];
                argon2(*algorithm, *version, *cost, password, salt, &mut computed, memory)?;
                Ok(is_equal(&computed, hash))
            }
            Self::Bcrypt { text, .. } => {
                let matches = bcrypt::verify(password, text)
                    .map_err(|_refused| PasswordError::Hash("bcrypt refuses its parameters"))?;
                // bcrypt repeats a password, with a NUL between, to 72 bytes: without this "a" would be "a\0a" (AU-02).
                Ok(matches && !password.contains(&0))
            }
            Self::Scrypt { log_n, r, p, salt, hash } => {
                let refused = || PasswordError::Hash("scrypt refuses its parameters");
                let params = scrypt::Params::new(*log_n, *r, *p).map_err(|_refused| refused())?;
                let mut computed = vec![0; hash.len()];
                scrypt::scrypt(password, salt, &params, &mut computed).map_err(|_refused| refused())?;
                Ok(is_equal(&computed, hash))
            }
            Self::Pbkdf2 { algorithm, iterations, salt, hash } => {
                Ok(pbkdf2::verify(*algorithm, *iterations, salt, password, hash).is_ok())
            }
        }
    }

    /// Whether a hash made now would have this algorithm and cost.
    pub(super) fn is_current(&self, current: HashCost) -> bool {
        matches!(self, Self::Argon2 { algorithm: Algorithm::Argon2id, version: Version::V0x13, cost, .. } if *cost == current)
    }
}

fn parse_argon2(text: &str) -> Option<StoredHash> {
    let phc = PasswordHash::new(text).ok()?;
    let algorithm = Algorithm::new(phc.algorithm.as_str()).ok()?;
    let version = match phc.version {
        // A hash without a version is of the first one.
        None | Some(0x10) => Version::V0x10,
        Some(0x13) => Version::V0x13,
        Some(_) => return None,
    };
    // `keyid` and `data` belong to a secret that is not in the hash.
    let [memory_kib, iterations, parallelism] = parameters(&phc, ["m", "t", "p"])?;
    let (salt, hash) = (phc.salt?.to_vec(), phc.hash?.as_bytes().to_vec());
    let cost = HashCost { memory_kib, iterations, parallelism };
    Some(StoredHash::Argon2 { algorithm, version, cost, salt, hash })
}

fn parse_scrypt(text: &str) -> Option<StoredHash> {
    let phc = PasswordHash::new(text).ok()?;
    let [log_n, r, p] = parameters(&phc, ["ln", "r", "p"])?;
    let (salt, hash) = (phc.salt?.to_vec(), phc.hash?.as_bytes().to_vec());
    Some(StoredHash::Scrypt { log_n: u8::try_from(log_n).ok()?, r, p, salt, hash })
}

fn parse_bcrypt(text: &str, cost: &str) -> Option<StoredHash> {
    text.parse::<bcrypt::HashParts>().ok()?;
    Some(StoredHash::Bcrypt { cost: cost.parse().ok()?, text: text.to_owned() })
}

fn parse_pbkdf2(
    variant: &str,
    before: char,
    iterations: &str,
    salt: Vec<u8>,
    hash: &str,
) -> Option<StoredHash> {
    let algorithm = match variant.strip_prefix(before) {
        Some("sha512") => pbkdf2::PBKDF2_HMAC_SHA512,
        Some("sha256") => pbkdf2::PBKDF2_HMAC_SHA256,
        Some("sha1") => pbkdf2::PBKDF2_HMAC_SHA1,
        None if variant.is_empty() => pbkdf2::PBKDF2_HMAC_SHA1,
        _ => return None,
    };
    let hash = unpack(hash).filter(|hash| !hash.is_empty())?;
    Some(StoredHash::Pbkdf2 { algorithm, iterations: iterations.parse().ok()?, salt, hash })
}

/// Exactly these parameters, all numbers.
fn parameters<const N: usize>(phc: &PasswordHash, names: [&str; N]) -> Option<[u32; N]> {
    let mut values = [0; N];
    for (value, name) in values.iter_mut().zip(names) {
        *value = phc.params.get_decimal(name)?;
    }
    (phc.params.iter().count() == N).then_some(values)
}

/// passlib writes `.` for `+`.
fn unpack(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('.', "+")).ok()
}

fn is_equal(left: &[u8], right: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(left, right).is_ok()
}
