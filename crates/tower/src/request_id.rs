use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::Extensions;

/// The id of one request, as an extension of it: problem bodies carry it as `errorId`, and the log holds it too.
///
/// Whoever wants its own ids inserts one before [`BearerLayer`](crate::BearerLayer) runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

impl RequestId {
    /// The id that an outer layer gave to this request.
    pub fn of(extensions: &Extensions) -> Option<&Self> {
        extensions.get()
    }

    /// The id that a client chose, if it may be written into logs and headers as it is: 1 to 128 of `A-Z a-z 0-9 . _ -`.
    pub fn chosen(text: &str) -> Option<Self> {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        ((1..=128).contains(&text.len()) && text.bytes().all(legal)).then(|| Self(text.into()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Makes request ids that differ in this process: 13 characters of a seed and 7 or more of a counter, both base 36.
///
/// They are names, not secrets: whoever sees one can tell the next.
#[derive(Debug)]
pub struct RequestIds {
    seed: [u8; SEED],
    next: AtomicU64,
}

const SEED: usize = 13;

impl RequestIds {
    /// Ids that begin with `seed`. Give each process another one (from its clock, for instance), so that ids of several can
    /// be told apart.
    pub const fn new(seed: u64) -> Self {
        Self { seed: base36::<SEED>(seed), next: AtomicU64::new(0) }
    }

    /// The next id.
    pub fn mint(&self) -> RequestId {
        const SHORT: usize = 7;
        let counter = self.next.fetch_add(1, Ordering::Relaxed);
        // Seven digits last for 78 billion requests; all thirteen hold every u64.
        if counter < 36_u64.pow(7) {
            self.written(base36::<SHORT>(counter))
        } else {
            self.written(base36::<SEED>(counter))
        }
    }

    /// The id that an outer layer gave to this request, else the next one.
    pub(crate) fn of(&self, extensions: &Extensions) -> RequestId {
        RequestId::of(extensions).cloned().unwrap_or_else(|| self.mint())
    }

    fn written<const N: usize>(&self, counter: [u8; N]) -> RequestId {
        let mut text = [b'-'; 2 * SEED + 1];
        let length = SEED + 1 + N;
        if let Some((seed, rest)) = text.split_first_chunk_mut::<SEED>() {
            *seed = self.seed;
            if let Some(place) = rest.get_mut(1..=N) {
                place.copy_from_slice(&counter);
            }
        }
        let text = text.get(..length).and_then(|text| std::str::from_utf8(text).ok());
        RequestId(text.unwrap_or_default().into())
    }
}

const fn base36<const N: usize>(mut value: u64) -> [u8; N] {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = [b'0'; N];
    let mut rest: &mut [u8] = &mut text;
    while let Some((last, before)) = rest.split_last_mut() {
        let (_, from) = DIGITS.split_at((value % 36) as usize);
        if let Some((digit, _)) = from.split_first() {
            *last = *digit;
        }
        value /= 36;
        rest = before;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minted_ids_differ_and_begin_with_their_seed() {
        let (one, two) = (RequestIds::new(36), RequestIds::new(u64::MAX));
        assert_eq!(one.mint().as_str(), "0000000000010-0000000");
        assert_eq!(one.mint().as_str(), "0000000000010-0000001");
        assert_eq!(two.mint().as_str(), "3w5e11264sgsf-0000000");
        let late = RequestIds { seed: base36(0), next: AtomicU64::new(u64::MAX) };
        assert_eq!(late.mint().as_str(), "0000000000000-3w5e11264sgsf");
        assert!(RequestId::chosen(one.mint().as_str()).is_some());
    }

    #[test]
    fn a_chosen_id_is_short_and_plain() {
        assert!(RequestId::chosen("req-1.A_b").is_some());
        for wrong in ["", "a b", "a\n", "é", "a\"b", &"a".repeat(129)] {
            assert_eq!(RequestId::chosen(wrong), None, "{wrong:?}");
        }
    }
}
