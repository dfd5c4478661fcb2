//! Ids: how they are minted and which patterns the APIs accept (spec `authress-api.md` §1.5, §5.1).

use std::fmt;

use crate::{Clock, Rng, RngError};

/// Why a text is not an id of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdError {
    /// What would have been accepted, for people.
    pub expected: &'static str,
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}

impl std::error::Error for IdError {}

/// Mints an id: `prefix` and 25 base-36 characters of a UUIDv7, so that ids of one kind sort by the time they were made.
///
/// # Errors
/// [`RngError`] when the random source failed.
pub fn mint(prefix: &str, clock: &dyn Clock, rng: &dyn Rng) -> Result<String, RngError> {
    let mut random = [0u8; 10];
    rng.fill(&mut random)?;
    let millis = u64::try_from(clock.now().micros().div_euclid(1_000)).unwrap_or(0);
    let mut rest = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().as_u128();
    let mut digits = [b'0'; 25];
    for digit in digits.iter_mut().rev() {
        let value = u8::try_from(rest % 36).unwrap_or(0);
        *digit = if value < 10 { b'0' + value } else { b'a' + (value - 10) };
        rest /= 36;
    }
    let mut id = String::with_capacity(prefix.len() + digits.len());
    id.push_str(prefix);
    id.extend(digits.iter().map(|&digit| char::from(digit)));
    Ok(id)
}

/// Every check comes through here: one look at each byte, in a set of one bit an ASCII character.
#[inline]
fn matches(text: &str, max: usize, allowed: u128) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte < 128 && (allowed >> byte) & 1 == 1)
}

/// Letters, digits and `extra`.
const fn with(extra: &[u8]) -> u128 {
    let (mut set, mut rest) = (0, extra);
    while let [byte, after @ ..] = rest {
        set |= 1 << *byte;
        rest = after;
    }
    let mut byte = 0u8;
    while byte < 128 {
        if byte.is_ascii_alphanumeric() {
            set |= 1 << byte;
        }
        byte += 1;
    }
    set
}

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident: $max:literal, $extra:literal, $expected:literal;)*) => { $(
        $(#[$doc])*
        ///
        /// # Errors
        /// [`IdError`] that names what was expected.
        pub fn $name(text: &str) -> Result<(), IdError> {
            const ALLOWED: u128 = with($extra.as_bytes());
            if matches(text, $max, ALLOWED) { Ok(()) } else { Err(IdError { expected: $expected }) }
        }
    )* };
}

patterns! {
    /// A record id or an access request id.
    record_id: 100, "-_:|~", "1 to 100 of a-z A-Z 0-9 - _ : | ~";
    /// A group id.
    group_id: 64, "-_", "1 to 64 of a-z A-Z 0-9 - _";
    /// A role id.
    role_id: 64, "-._:@", "1 to 64 of a-z A-Z 0-9 - . _ : @";
    /// A user id, or any other principal in the place of one.
    user_id: 128, "+._|/~:@-", "1 to 128 of a-z A-Z 0-9 + . _ | / ~ : @ -";
    /// An application id: `client_id` of OAuth requests.
    application_id: 64, "-._~", "1 to 64 of a-z A-Z 0-9 - . _ ~";
    /// A service client id.
    client_id: 64, "-_", "1 to 64 of a-z A-Z 0-9 - _";
    /// An access key id.
    key_id: 64, "-_", "1 to 64 of a-z A-Z 0-9 - _";
    /// A grant or a reservation of credits.
    credit_id: 64, "-_", "1 to 64 of a-z A-Z 0-9 - _";
    /// An invite id or a token id.
    opaque_id: 256, "-._:|~", "1 to 256 of a-z A-Z 0-9 - . _ : | ~";
    /// A user pool's id.
    pool_id: 64, "-_", "1 to 64 of a-z A-Z 0-9 - _";
    /// A login tenant's id, as an invite names it.
    tenant_id: 128, "-_.:", "1 to 128 of a-z A-Z 0-9 - _ . :";
    /// The id of an organization, one of its tenants, a product, a plan or a subscription.
    plain_id: 64, "-_", "1 to 64 of a-z A-Z 0-9 - _";
    /// The name of a plan's feature.
    feature_name: 64, "-_.:", "1 to 64 of a-z A-Z 0-9 - _ . :";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    struct Fixed(i64, u8);
    impl Clock for Fixed {
        fn now(&self) -> Timestamp {
            Timestamp::from_micros(self.0)
        }
    }
    impl Rng for Fixed {
        fn fill(&self, dest: &mut [u8]) -> Result<(), RngError> {
            dest.fill(self.1);
            Ok(())
        }
    }

    #[test]
    fn minted_ids_are_a_prefix_and_25_base_36_characters_in_order_of_time() {
        let early = Fixed(1_700_000_000_000_000, 255);
        let late = Fixed(1_700_000_000_001_000, 0);
        let (first, second) = (mint("rec_", &early, &early), mint("rec_", &late, &late));
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first.len(), 29);
        assert!(first.starts_with("rec_") && first < second, "{first} {second}");
        assert!(record_id(&first).is_ok());
    }

    #[test]
    fn patterns_refuse_what_the_api_does_not_document() {
        assert!(record_id("A:acc:U:user|~").is_ok());
        assert!(record_id("").is_err() && record_id("a/b").is_err() && record_id(&"a".repeat(101)).is_err());
        assert!(user_id("auth0|alice@example.org").is_ok() && user_id("a/b").is_ok());
        assert!(user_id("a b").is_err() && user_id("a\0").is_err() && user_id("é").is_err());
        assert!(role_id("Authress:Owner").is_ok() && role_id("a/b").is_err());
    }
}
